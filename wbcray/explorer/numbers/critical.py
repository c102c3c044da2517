"""Blasts, promyelocytes and atypical lymphocytes read as benign, and what all mistakes cost."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.core.hematology import canonical_names, cost_of, critical_of
from wbcray.explorer.numbers.classes import FEWEST_IMAGES
from wbcray.explorer.numbers.image_tables import ImageTable, image_tables
from wbcray.explorer.reading.tables import RunTables
from wbcray.metrics.class_intervals import mean_cost_interval
from wbcray.metrics.intervals import wilson

Floats = npt.NDArray[np.float64]

ANY_BENIGN = "any benign class"
"""In place of the predicted class: all benign answers to a critical class together."""

COLUMNS = [
    *("method", "true", "predicted", "images", "misread", "share", "low", "high"),
    *("cost", "reason"),
]
SCORE_COLUMNS = ["method", "cost", "low", "high", "cost_per_image", "std_cells", "cells", "classes"]


def has_critical(classes: tuple[str, ...]) -> bool:
    """Whether a run has a critical class and a benign one to mistake it for."""
    names = canonical_names(classes)
    return any(critical_of(true, said) is not None for true in names for said in names)


def critical_confusions(tables: RunTables, split: str, *, held_out: str) -> pd.DataFrame:
    """One row per method, critical class and benign answer that was given, most frequent first.

    A row `any benign class` stands before those of each method and class, whether or not there was
    any such mistake. `misread` are images (a mean over repeated judgements, so it may be a
    fraction), `share` is of the images of the true class, `low .. high` its 95 % Wilson interval.
    """
    classes = tables.facts.classes
    rows = []
    for table in image_tables(tables, split, held_out=held_out):
        for place, name in enumerate(canonical_names(classes)):
            rows += _of_class(table, classes, place, name)
    return pd.DataFrame(rows, columns=COLUMNS)


def cost_scores(tables: RunTables, split: str, *, held_out: str) -> pd.DataFrame:
    """One row per method, the cheapest first: what its mistakes cost by `core.hematology`.

    `cost` is the mean over classes of the mean cost of an image, so that rare classes weigh as much
    as common ones, with its 95 % bootstrap interval `low .. high` by images (drawn within classes);
    `cost_per_image` lets every image weigh the same. Only `classes` with at least `FEWEST_IMAGES`
    images count. `std_cells` is the standard deviation (ddof 1) of `cost` over cells: noise of
    training, which the interval does not hold.
    """
    costs = _costs(tables.facts.classes)
    rows = []
    for table in image_tables(tables, split, held_out=held_out):
        enough = table.support >= FEWEST_IMAGES
        kept = np.where(enough[:, None], table.images, 0.0)
        if not enough.any():
            continue
        low, high = mean_cost_interval(kept, costs)
        each = [_balanced(cell, costs, enough) for cell in table.cells]
        rows.append(
            {
                "method": table.method,
                "cost": _balanced(kept, costs, enough),
                "low": low,
                "high": high,
                "cost_per_image": float((kept * costs).sum() / kept.sum()),
                "std_cells": float(np.nanstd(each, ddof=1)) if len(each) > 1 else np.nan,
                "cells": len(each),
                "classes": int(enough.sum()),
            }
        )
    frame = pd.DataFrame(rows, columns=SCORE_COLUMNS)
    return frame.sort_values(["cost", "method"], ignore_index=True)


def _costs(classes: tuple[str, ...]) -> Floats:
    """What one image costs, float64 [true, predicted]."""
    names = canonical_names(classes)
    costs = np.array([[cost_of(true, said) for said in names] for true in names], dtype=np.float64)
    np.fill_diagonal(costs, 0.0)
    return costs


def _balanced(table: Floats, costs: Floats, rows: npt.NDArray[np.bool_]) -> float:
    images = table.sum(axis=1)
    rows = rows & (images > 0)
    if not rows.any():
        return float("nan")
    return float(((table * costs).sum(axis=1)[rows] / images[rows]).mean())


def _of_class(
    table: ImageTable, classes: tuple[str, ...], place: int, name: str | None
) -> list[dict[str, object]]:
    found = [
        (said, float(table.images[place, number]), one)
        for number, said in enumerate(classes)
        if (one := critical_of(name, canonical_names(classes)[number])) is not None
    ]
    images = float(table.images[place].sum())
    if not found or not images:
        return []
    whole = (ANY_BENIGN, sum(number for _, number, _ in found), found[0][2])
    each = sorted((one for one in found if one[1] > 0), key=lambda one: (-one[1], one[0]))
    rows: list[dict[str, object]] = []
    for said, misread, one in [whole, *each]:
        low, high = wilson(min(misread, images), images)
        rows.append(
            {
                "method": table.method,
                "true": classes[place],
                "predicted": said,
                "images": round(images),
                "misread": misread,
                "share": misread / images,
                "low": low,
                "high": high,
                "cost": one.cost,
                "reason": one.reason,
            }
        )
    return rows
