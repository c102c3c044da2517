"""Scores of networks on the same draws of the images of their held-out domain."""

from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.reading.answers import Answers, answers_of
from wbcray.explorer.reading.tables import RunTables
from wbcray.metrics.image_draws import drawn_tables, image_weights
from wbcray.metrics.score_arrays import score_many
from wbcray.metrics.scores import SCORES
from wbcray.store.cell import CellKey

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

_NETWORKS = 1024
"""Whose drawn scores stay in memory: 22 KB each."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SameImages:
    """Methods of one held-out domain that were judged on the same images.

    Attributes:
        deviations: Of the mean score of a method's folds from its mean over draws, float64 [draws].
        units: How many images, or patients where they are named, the draws choose from.
    """

    deviations: dict[str, Floats]
    units: int


NO_IMAGES = SameImages(deviations={}, units=0)


def same_images(tables: RunTables, cells: pd.DataFrame, score: str) -> SameImages:
    """The methods whose outputs are kept for all of `cells`; none where that is nowhere so.

    Args:
        tables: Of the run.
        cells: Opened cells of one held-out domain, one configuration a method.
        score: By name, from `metrics.scores.SCORES`.
    """
    columns = (cells[name].tolist() for name in ("config", "held_out", "fold", "seed"))
    keys = [
        CellKey(config=config, held_out=held_out, fold=fold, seed=seed)
        for config, held_out, fold, seed in zip(*columns, strict=True)
    ]
    answers = answers_of(tables, keys)
    if not answers:
        return NO_IMAGES
    first = next(iter(answers.values()))
    method = cells["method"].to_numpy()
    deviations = {}
    for name in dict.fromkeys(method.tolist()):
        own = np.flatnonzero(method == name).tolist()
        found = [answers[keys[n]] for n in own if keys[n] in answers]
        if len(found) == len(own) and all(
            np.array_equal(a.positions, first.positions) for a in found
        ):
            folds = [keys[n].fold for n in own]
            draws = [_scores(one, len(tables.facts.classes))[score] for one in found]
            deviations[str(name)] = _deviations(np.stack(draws), folds)
    return SameImages(deviations=deviations, units=len(np.unique(first.units)))


def _deviations(draws: Floats, folds: list[int]) -> Floats:
    """Of the mean over folds, in which each fold weighs one; `draws` is float64 [cells, draws]."""
    _, fold, seeds = np.unique(folds, return_inverse=True, return_counts=True)
    weights = 1 / (seeds[fold] * len(seeds))
    mean: Floats = weights @ draws
    known = mean[~np.isnan(mean)]
    return mean - known.mean() if known.size else mean


@lru_cache(maxsize=_NETWORKS)
def _scores(answers: Answers, classes: int) -> dict[str, Floats]:
    """Every score of one network on the drawn images; whatever is filtered, it stays the same."""
    weights = image_weights(answers.units)
    tables = drawn_tables(answers.true, answers.predicted, weights, classes=classes)
    return {name: score_many(name, tables) for name in SCORES}
