"""Who helps the rare classes, and what was traded for it: classes, confusions, images."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.core.result import Counts
from wbcray.explorer.reading.selection import CountedCells, selected_counts
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.metrics.class_intervals import f1_intervals
from wbcray.metrics.counts import by_domain, pooled
from wbcray.metrics.intervals import wilson
from wbcray.metrics.scores import class_scores

Floats = npt.NDArray[np.float64]

FEWEST_IMAGES = 5
"""Below this many images a class's score is chance and is not shown as a number."""

ABSENT = "absent"
TOO_FEW = "too few"
MEASURED = "measured"

CLASS_COLUMNS = [
    *("method", "class", "images", "state", "f1", "f1_low", "f1_high", "recall", "low", "high"),
    *("precision", "folds", "judgements"),
]


def per_class(tables: RunTables, split: str, *, held_out: str) -> pd.DataFrame:
    """One row per class and method, the rarest class first and absent classes last.

    Counts are pooled over folds and seeds. `images` are *different* images of the class: on the
    unseen domain every fold judges the same ones, and `judgements` counts them each time. The
    Wilson interval `low .. high` of the recall and the bootstrap interval `f1_low .. f1_high` go by
    images, so repeating a training does not narrow them. `state` is `measured`, `too few` (under
    `FEWEST_IMAGES`) or `absent`; scores are NaN for absent classes.
    """
    found = selected_counts(tables, split)
    present = [m for m in tables.methods if len(found.where(method=m, held_out=held_out).cells)]
    blocks = [
        _class_rows(tables, found.where(method=method, held_out=held_out), split)
        for method in present
    ]
    if not blocks:
        return pd.DataFrame(columns=CLASS_COLUMNS)
    rows = pd.concat(blocks, ignore_index=True)
    # methods may have different folds, so that a class has no single support: order by the largest
    rows["rank"] = rows.groupby("class")["images"].transform("max")
    rows["rank"] = rows["rank"].where(rows["rank"] > 0, np.inf)
    rows = rows.sort_values(["rank", "class", "method"], ignore_index=True)
    return rows[CLASS_COLUMNS]


def against(rows: pd.DataFrame, *, reference: str) -> pd.DataFrame:
    """The rows of `per_class` with `f1_difference` and `recall_difference` to the reference.

    NaN where either of the two cannot be measured. Methods may have been judged on different folds;
    their `images` say so.
    """
    known = rows.set_index(["class", "method"])
    base = known[known["state"] == MEASURED].xs(reference, level="method", drop_level=True)
    found = rows.copy()
    for score in ("f1", "recall"):
        other = found["class"].map(base[score])
        own = found[score].where(found["state"] == MEASURED)
        found[f"{score}_difference"] = own - other
    return found


def images_of_classes(tables: RunTables) -> pd.DataFrame:
    """Images per domain (rows) and class (columns), float64; NaN for a domain never measured.

    Read from the counts: folds divide a source domain, and an opened held-out domain is judged
    whole. The largest of the available numbers is taken, as cells may be missing.
    """
    facts = tables.facts
    totals = np.full((len(facts.domains), len(facts.classes)), np.nan)
    for split in (VALIDATION, UNSEEN):
        found = selected_counts(tables, split)
        for _, rows in found.cells.groupby(["method", "held_out"]):
            part = CountedCells(cells=rows, counts=found.counts[rows.index.to_numpy()])
            images = np.rint(once_per_image(part, split).sum(axis=2))
            images[images.sum(axis=1) == 0] = np.nan
            totals = np.fmax(totals, images)
    return pd.DataFrame(totals, index=list(facts.domains), columns=list(facts.classes))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConfusionPair:
    """Two row-normalised confusion tables and their difference.

    Attributes:
        first, second: float64 [true, predicted], shares of the true class; NaN for a class without
            images.
        counts_first, counts_second: int64, pooled over folds and seeds.
        images: Different images of each class.
    """

    classes: tuple[str, ...]
    first_name: str
    second_name: str
    first: Floats
    second: Floats
    counts_first: Counts
    counts_second: Counts
    images: tuple[int, ...]

    @property
    def difference(self) -> Floats:
        """Second minus first."""
        return self.second - self.first


def confusion_pair(
    tables: RunTables, split: str, *, held_out: str, first: str, second: str
) -> ConfusionPair:
    """The confusions of two methods, pooled over the folds and seeds of each."""
    found = selected_counts(tables, split)
    cells = [found.where(method=method, held_out=held_out) for method in (first, second)]
    one, two = (_pooled_cells(part.counts) for part in cells)
    images = np.max([once_per_image(part, split).sum(axis=(0, 2)) for part in cells], axis=0)
    return ConfusionPair(
        classes=tables.facts.classes,
        first_name=first,
        second_name=second,
        first=row_shares(one),
        second=row_shares(two),
        counts_first=one,
        counts_second=two,
        images=tuple(round(number) for number in images.tolist()),
    )


def row_shares(counts: Counts) -> Floats:
    """Each row of [true, predicted] divided by its sum; NaN for an empty row."""
    images = counts.sum(axis=1, keepdims=True)
    shares = np.full(counts.shape, np.nan)
    np.divide(counts, images, out=shares, where=images > 0)
    return shares


def _pooled_cells(counts: Counts) -> Counts:
    """[cells, domain, true, predicted] as [true, predicted]."""
    return pooled(by_domain(counts.sum(axis=0)))


def once_per_image(found: CountedCells, split: str) -> Floats:
    """Mean counts, float64 [domain, true, predicted], in which every image weighs 1.

    An unseen image is judged by every cell, a validation image by the seeds of its fold.
    """
    folds = found.cells["fold"]
    repeats = np.full(len(folds), len(folds))
    if split != UNSEEN:
        repeats = folds.map(folds.value_counts()).to_numpy(dtype=np.int64)
    mean: Floats = np.tensordot(1 / repeats, found.counts, axes=1)
    return mean


def _class_rows(tables: RunTables, found: CountedCells, split: str) -> pd.DataFrame:
    scores = class_scores(_pooled_cells(found.counts))
    once = once_per_image(found, split).sum(axis=0)
    images = once.sum(axis=1)
    intervals = [
        wilson(hits, n) for hits, n in zip(np.diagonal(once).tolist(), images.tolist(), strict=True)
    ]
    spreads = f1_intervals(once)
    absent = scores.support == 0
    frame = pd.DataFrame(
        {
            "class": list(tables.facts.classes),
            "images": np.rint(images).astype(np.int64),
            "f1": np.where(absent, np.nan, scores.f1),
            "f1_low": np.where(absent, np.nan, [low for low, _ in spreads]),
            "f1_high": np.where(absent, np.nan, [high for _, high in spreads]),
            "recall": scores.recall,
            "low": [low for low, _ in intervals],
            "high": [high for _, high in intervals],
            "precision": scores.precision,
        }
    )
    frame["state"] = np.where(
        absent, ABSENT, np.where(frame["images"] < FEWEST_IMAGES, TOO_FEW, MEASURED)
    )
    frame["method"] = str(found.cells["method"].iloc[0])
    frame["folds"] = int(found.cells["fold"].nunique())
    frame["judgements"] = scores.support
    return frame
