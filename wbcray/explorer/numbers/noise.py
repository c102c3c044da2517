"""Two kinds of noise kept apart: of training, seen between folds, and of the images judged."""

import numpy as np
import pandas as pd

from wbcray.explorer.numbers.same_images import NO_IMAGES, same_images
from wbcray.explorer.reading.selection import CountedCells
from wbcray.explorer.reading.tables import UNSEEN, RunTables
from wbcray.metrics.bootstrap import image_deviations
from wbcray.metrics.comparison import unseen_overlap
from wbcray.metrics.image_noise import ImageNoise


def noise_by_domain(
    tables: RunTables, found: CountedCells, split: str, score: str
) -> dict[str, ImageNoise]:
    """The noise of the images of each held-out domain, for the selected cells of one split.

    Methods whose networks' outputs are kept are drawn on the same images of the unseen domain. Of
    others the counts are resampled: all folds and seeds together, each method by itself.
    """
    return {
        str(held_out): _noise(tables, found, rows, split, score)
        for held_out, rows in found.cells.groupby("held_out")
    }


def _noise(
    tables: RunTables, found: CountedCells, rows: pd.DataFrame, split: str, score: str
) -> ImageNoise:
    same = same_images(tables, rows, score) if split == UNSEEN else NO_IMAGES
    deviations = dict(same.deviations)
    for method, places in rows.groupby("method").indices.items():
        if method not in deviations:
            counts = found.counts[rows.index[places]]
            images = round(counts.sum() / len(counts))  # different ones of a cell, on average
            deviations[str(method)] = image_deviations(counts.sum(axis=0), score, images=images)
    return ImageNoise(deviations=deviations, aligned=frozenset(same.deviations), units=same.units)


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
