"""Scores of confusion counts, each with its range and meaning in the table `SCORES`.

NaN means that nothing can be measured (no images, or a class that does not occur). A number is
never invented for it, and means leave it out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from wbcray.core.result import Counts
from wbcray.metrics.counts import (
    by_domain,
    correct,
    measured_domains,
    pooled,
    predictions,
    support,
)

Floats = npt.NDArray[np.float64]

Convention = Literal["present", "declared", "union"]
"""Over which classes a macro F1 is the mean.

`present`: classes that occur in the truth; a prediction outside them still costs as an error.
`declared`: every class of the run, 0 for one that neither occurs nor is predicted.
`union`: classes that occur in the truth or in the predictions (scikit-learn's default), so that
one stray prediction costs a whole class.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """Scores of each class, float64 [classes], over all domains.

    Attributes:
        precision: NaN for a class that was never predicted.
        recall: NaN for a class without images.
        f1: NaN for a class without images and predictions; 0 when one of the two is missing.
        support: Images of the class, int64.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    support: npt.NDArray[np.int64]


def class_scores(counts: Counts) -> ClassScores:
    """Precision, recall, F1 and support of each class over all domains."""
    hits, truth, said = correct(counts), support(counts), predictions(counts)
    return ClassScores(
        precision=_ratio(hits, said),
        recall=_ratio(hits, truth),
        f1=_ratio(2 * hits, truth + said),
        support=truth,
    )


def micro_f1(counts: Counts) -> float:
    """Share of images that are classified rightly; with one label an image, this is accuracy."""
    return _share(int(correct(counts).sum()), int(pooled(counts).sum()))


def macro_f1(counts: Counts, *, convention: Convention = "present") -> float:
    """Mean F1 over the classes that `convention` names; NaN without images."""
    scores = class_scores(counts)
    if not scores.support.sum():
        return float("nan")
    if convention == "present":
        return float(scores.f1[scores.support > 0].mean())
    if convention == "declared":
        return float(np.nan_to_num(scores.f1).mean())
    return float(np.nanmean(scores.f1))


def balanced_accuracy(counts: Counts) -> float:
    """Mean recall over the classes that occur; NaN without images."""
    recall = class_scores(counts).recall
    return _without_nan(np.mean, recall)


def worst_class_recall(counts: Counts) -> float:
    """Recall of the class that fares worst, over all domains together."""
    return _without_nan(np.min, class_scores(counts).recall)


def worst_domain(counts: Counts) -> float:
    """Macro F1 (classes present) of the domain that fares worst; NaN without images."""
    domains = by_domain(counts)
    values = [macro_f1(domains[number]) for number in measured_domains(counts)]
    return min(values, default=float("nan"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score: how it is computed and how it is read.

    Attributes:
        pools_domains: Whether it is the same for the domains' tables and for their sum.
    """

    name: str
    compute: Callable[[Counts], float]
    meaning: str
    higher_is_better: bool = True
    pools_domains: bool = True
    low: float = 0.0
    high: float = 1.0


SCORES: dict[str, Score] = {
    score.name: score
    for score in (
        Score(name="micro_f1", compute=micro_f1, meaning="share of images classified rightly"),
        Score(name="macro_f1", compute=macro_f1, meaning="mean F1 over the classes that occur"),
        Score(
            name="macro_f1_declared",
            compute=partial(macro_f1, convention="declared"),
            meaning="mean F1 over all classes of the run, 0 for one that does not occur",
        ),
        Score(
            name="macro_f1_union",
            compute=partial(macro_f1, convention="union"),
            meaning="mean F1 over the classes that occur or are predicted",
        ),
        Score(
            name="balanced_accuracy",
            compute=balanced_accuracy,
            meaning="mean recall over the classes that occur",
        ),
        Score(
            name="worst_domain",
            compute=worst_domain,
            meaning="macro F1 of the domain that fares worst",
            pools_domains=False,
        ),
        Score(
            name="worst_class_recall",
            compute=worst_class_recall,
            meaning="recall of the class that fares worst",
        ),
    )
}


def score_all(counts: Counts) -> dict[str, float]:
    """Every score of `SCORES` by name; NaN where it cannot be measured."""
    return {name: score.compute(counts) for name, score in SCORES.items()}


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> Floats:
    result = np.full(part.shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _without_nan(reduce: Callable[[Floats], np.float64], values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(reduce(known)) if known.size else float("nan")
