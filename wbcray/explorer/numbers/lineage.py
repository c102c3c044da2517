"""Mistakes between neighbouring stages of maturation, apart from those across lineages."""

import numpy as np
import pandas as pd

from wbcray.core.hematology import CHAIN, canonical_names, steps_apart
from wbcray.explorer.numbers.classes import FEWEST_IMAGES
from wbcray.explorer.numbers.image_tables import ImageTable, image_tables
from wbcray.explorer.reading.tables import RunTables
from wbcray.metrics.intervals import wilson

ALL_STAGES = "all stages"
"""The mean over the stages that have images enough, each weighing the same."""

KINDS = ("right", "one_step", "further", "outside")
"""Right; one step off; further along the chain; a class outside it. They add up to 1."""

COLUMNS = ["method", "class", "images", *KINDS, "within", "low", "high"]


def stages_of(classes: tuple[str, ...]) -> tuple[int, ...]:
    """Places of the classes of a run that are stages of maturation, youngest first."""
    names = canonical_names(classes)
    return tuple(
        sorted(
            (place for place, name in enumerate(names) if name in CHAIN),
            key=lambda place: CHAIN.index(str(names[place])),
        )
    )


def maturation(tables: RunTables, split: str, *, held_out: str) -> pd.DataFrame:
    """One row per method and stage, and one over all stages.

    `images` are different images of the stage; `within` = `right` + `one_step` is the accuracy
    within one step, `low .. high` its 95 % Wilson interval by images. The row `all stages` is the
    mean over stages with at least `FEWEST_IMAGES` images; it has no interval, because the stages'
    intervals are of very different widths.
    """
    classes = tables.facts.classes
    places = stages_of(classes)
    rows = []
    for table in image_tables(tables, split, held_out=held_out):
        stages = [_stage(table, classes, place) for place in places]
        rows += [stage for stage in stages if stage["images"]]
        enough = [stage for stage in stages if int(str(stage["images"])) >= FEWEST_IMAGES]
        if enough:
            means = pd.DataFrame(enough)[[*KINDS, "within"]].mean()
            images = sum(int(str(stage["images"])) for stage in enough)
            whole = {"method": table.method, "class": ALL_STAGES, "images": images}
            shares = {name: float(means[name]) for name in (*KINDS, "within")}
            rows.append(whole | shares | {"low": np.nan, "high": np.nan})
    return pd.DataFrame(rows, columns=COLUMNS)


def _stage(table: ImageTable, classes: tuple[str, ...], place: int) -> dict[str, object]:
    names = canonical_names(classes)
    row = table.images[place]
    images = float(row.sum())
    kinds = dict.fromkeys(KINDS, 0.0)
    for other, number in enumerate(row.tolist()):
        steps = steps_apart(names[place], names[other])
        kinds[_kind(steps, same=other == place)] += number / images if images else 0.0
    within = kinds["right"] + kinds["one_step"]
    low, high = wilson(min(within, 1.0) * images, images)
    return {
        "method": table.method,
        "class": classes[place],
        "images": round(images),
        **kinds,
        "within": within,
        "low": low,
        "high": high,
    }


def _kind(steps: int | None, *, same: bool) -> str:
    if same:
        return "right"
    if steps is None:
        return "outside"
    return "one_step" if steps <= 1 else "further"
