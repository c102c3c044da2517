"""Two kinds of noise kept apart: of training, seen between folds, and of the images judged."""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.core.result import Counts
from wbcray.explorer.reading.selection import CountedCells
from wbcray.explorer.reading.tables import UNSEEN
from wbcray.metrics.bootstrap import image_deviations
from wbcray.metrics.comparison import unseen_overlap

Floats = npt.NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """What a method's selected cells said on one held-out domain, all folds and seeds together.

    Attributes:
        counts: int64 [domain, true, predicted], summed over cells.
        images: How many different images one cell judges, the mean over cells.
    """

    counts: Counts
    images: int


def judged(found: CountedCells) -> dict[tuple[str, str], Judged]:
    """The selected cells of one split, by held-out domain and method."""
    return {
        (str(held_out), str(method)): _judged(found, rows)
        for (held_out, method), rows in found.cells.groupby(["held_out", "method"])
    }


def noise_of_images(one: Judged, score: str) -> Floats:
    """Deviations of a score over the choice of images, float64 [replicates]."""
    return image_deviations(one.counts, score, images=one.images)


def overlaps(found: CountedCells, split: str) -> dict[str, float]:
    """What folds share, by held-out domain, as `metrics.comparison.paired_difference` takes it.

    It follows from the validation and training images of the selected cells, on both splits: the
    unseen domain's size says nothing about it. NaN where they
    are not known.
    """
    cells = found.cells
    cells = cells[(cells["n_train"] > 0) & (cells["n_validation"] > 0)]
    ratio = cells["n_validation"] / cells["n_train"]
    means: pd.Series[float] = ratio.groupby(cells["held_out"]).mean()
    known = {str(name): float(means.get(name, np.nan)) for name in found.cells["held_out"].unique()}
    if split != UNSEEN:
        return known
    return {name: unseen_overlap(value) for name, value in known.items()}


def _judged(found: CountedCells, rows: pd.DataFrame) -> Judged:
    counts = found.counts[rows.index.to_numpy()]
    return Judged(counts=counts.sum(axis=0), images=round(counts.sum() / len(counts)))
