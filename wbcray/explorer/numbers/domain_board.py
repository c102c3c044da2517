"""The methods of one held-out domain side by side: means, differences, verdicts, tie groups."""

from dataclasses import dataclass
from math import inf, isnan, nan
from typing import final

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.metrics.comparison import Compared, compare_with, tie_groups
from wbcray.metrics.image_noise import ImageNoise
from wbcray.metrics.practical_equivalence import practical

Floats = npt.NDArray[np.float64]

SEPARABLE = ("better", "worse")
MEANS = {
    "micro_mean": "micro_f1",
    "macro_mean": "macro_f1",
    "macro_declared_mean": "macro_f1_declared",
    "macro_union_mean": "macro_f1_union",
    "worst_class_recall_mean": "worst_class_recall",
}
Row = dict[str, object]
"""A row of a board that is being made: text, numbers and marks by the name of their column."""

NOT_COMPARED: Row = {
    "shared_folds": None,
    "verdict": "",
    **dict.fromkeys(("difference", "low", "high", "p", "p_holm"), nan),
    **dict.fromkeys(("p_better", "p_equal", "p_worse"), nan),
}


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """How the methods of one held-out domain are compared.

    Attributes:
        score: By name, from `metrics.scores.SCORES`.
        overlap: Of the folds, see `metrics.comparison`.
        noise: Of the images that were judged.
        images_shared: Whether all folds judge the same images, as on the unseen domain.
        oracle: Names under which held-out scores chose; they are compared with nothing.
    """

    reference: str
    score: str
    overlap: float
    noise: ImageNoise
    images_shared: bool
    oracle: frozenset[str]


def domain_board(rows: pd.DataFrame, rules: Rules) -> list[Row]:
    """One row per method, the best first and oracles last, from its scores in each fold.

    The verdicts of reference and oracles are left empty. `rows` is of `selection.fold_scores`.
    """
    reference, oracle = rules.reference, rules.oracle
    scores = {name: one for name, one in _by_fold(rows, rules.score).items() if name not in oracle}
    # folds that judge images of their own show the noise of images in their spread
    noise = rules.noise if rules.images_shared else None
    found = compare_with(reference, scores, overlap=rules.overlap, image_noise=noise)
    decided = {
        frozenset((name, reference)): one.verdict in SEPARABLE
        for name, one in found.items()
        if reference in scores
    }
    groups = tie_groups(scores, overlap=rules.overlap, image_noise=noise, decided=decided)
    board = [
        one
        | (_comparison(found[name]) if name in found else NOT_COMPARED)
        | {
            "score": rules.score,
            "oracle": name in oracle,
            "tie_group": groups.get(name, 0),
            "noise_images": rules.noise.of(name),
            "images_paired": _paired(name, rules) if name in found else "",
        }
        for one in _means(rows, rules.score)
        for name in [str(one["method"])]
    ]
    return sorted(board, key=_order)


def _order(row: Row) -> tuple[bool, float, str]:
    mean = float(str(row["score_mean"]))
    return bool(row["oracle"]), inf if isnan(mean) else -mean, str(row["method"])


def _means(rows: pd.DataFrame, score: str) -> list[Row]:
    """Means and standard deviations over folds, by method."""
    grouped = rows.groupby("method")
    means = grouped[list(dict.fromkeys([*MEANS.values(), score]))].mean()
    spread = grouped[list(dict.fromkeys(["micro_f1", "macro_f1", score]))].std()
    frame = pd.DataFrame({name: means[of] for name, of in MEANS.items()}).assign(
        method=means.index,
        held_out=rows["held_out"].iloc[0],
        micro_std=spread["micro_f1"],
        macro_std=spread["macro_f1"],
        score_mean=means[score],
        noise_folds=spread[score],
        folds=grouped.size(),
        seeds=grouped["seeds"].max(),
    )
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _by_fold(rows: pd.DataFrame, score: str) -> dict[str, Floats]:
    """Each method's scores, float64 [folds], NaN for a fold that it lacks; by alphabet."""
    known, fold = np.unique(rows["fold"].to_numpy(), return_inverse=True)
    names, method = np.unique(rows["method"].to_numpy(dtype=object), return_inverse=True)
    values = np.full((len(names), len(known)), np.nan)
    values[method, fold] = rows[score].to_numpy(dtype=np.float64)
    return {str(name): one for name, one in zip(names, values, strict=True)}


def _paired(method: str, rules: Rules) -> str:
    """Whether the noise of images in a comparison is that of the same images for both."""
    if not rules.images_shared:
        return ""
    return "yes" if rules.noise.paired(method, rules.reference) else "no"


def _comparison(one: Compared) -> Row:
    difference, odds = one.difference, practical(one.difference)
    return {
        "shared_folds": difference.folds,
        "difference": difference.mean,
        "low": difference.low,
        "high": difference.high,
        "p": difference.p,
        "p_holm": one.p_holm,
        "verdict": one.verdict,
        "p_better": odds.better,
        "p_equal": odds.equal,
        "p_worse": odds.worse,
    }
