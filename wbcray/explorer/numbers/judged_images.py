"""Outputs of the selected cells of a method, image by image; the last few stay in memory."""

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock

from wbcray.explorer.choice import Choice
from wbcray.explorer.reading.outputs import Outputs, outputs_of
from wbcray.explorer.reading.selection import selected_cells
from wbcray.explorer.reading.tables import CELL, UNSEEN, VALIDATION, RunTables
from wbcray.store.cell import CellKey

NOT_KEPT = (
    "What the networks said of single images is not there: `wbcray compare` keeps it, and shows "
    "that of a held-out domain once it is opened."
)

_KEPT = 4
"""Sets of outputs that stay in memory: two methods on two splits. One of 26,000 images and five
folds takes about 50 MB."""

Key = tuple[Path, str, str, str, tuple[tuple[str, int, int], ...]]
_read: OrderedDict[Key, Outputs] = OrderedDict()
_one_at_a_time = Lock()

FEW_METHODS = 4
"""So many methods are all shown where each takes a figure of its own."""


def judged_images(tables: RunTables, method: str, split: str, *, held_out: str) -> Outputs | None:
    """As `outputs_of`, for the configuration that stands for the method alone.

    A method without cells of its own has none.
    """
    cells = selected_cells(tables)
    cells = cells[(cells["method"] == method) & (cells["held_out"] == held_out)]
    if tables.folder is None or cells.empty:
        return None
    named = zip(cells["config"], cells["fold"], cells["seed"], strict=True)
    keys = tuple((str(config), int(fold), int(seed)) for config, fold, seed in named)
    key = (tables.folder, method, split, held_out, keys)
    with _one_at_a_time:
        found = _read.pop(key, None)
        if found is None:
            own = replace(tables, cells=cells)
            found = outputs_of(own, method, split, held_out=held_out)
        if found is not None:  # what is not there yet may come
            _read[key] = found
        while len(_read) > _KEPT:
            _read.popitem(last=False)
    return found


def kept_outputs(tables: RunTables) -> tuple[tuple[str, str, str], ...]:
    """Method, split and held-out domain of which outputs lie in the run folder, unread.

    A look at file names: what they hold may still turn out damaged.
    """
    if tables.folder is None:
        return ()
    found = set()
    cells = tables.cells.drop_duplicates([*CELL, "config"])
    for row in cells[[*CELL, "config", "test_opened"]].itertuples(index=False):
        key = CellKey(
            config=str(row.config),
            held_out=str(row.held_out),
            fold=int(str(row.fold)),
            seed=int(str(row.seed)),
        )
        place = (str(row.method), str(row.held_out))
        if (place, VALIDATION) not in found:
            own = (tables.folder / "cells" / key.folder).glob("weights*/outputs*.safetensors")
            found |= {(place, VALIDATION)} if any(own) else set()
        if row.test_opened and (place, UNSEEN) not in found:
            sealed = (tables.folder / "sealed" / key.folder).glob("outputs-*.safetensors")
            found |= {(place, UNSEEN)} if any(sealed) else set()
    order = {UNSEEN: 0, VALIDATION: 1}
    return tuple(
        (method, split, held_out)
        for (method, held_out), split in sorted(
            found, key=lambda one: (order[one[1]], tables.facts.domains.index(one[0][1]), one[0][0])
        )
    )


def shown_methods(kept: tuple[tuple[str, str, str], ...], choice: Choice) -> tuple[str, ...]:
    """Methods that get a figure of their own, the reference first; of `kept_outputs`.

    All of a few; of many, the reference and what the reader chose.
    """
    there = sorted(
        {method for method, _, _ in kept}, key=lambda name: (name != choice.reference, name)
    )
    if len(there) <= FEW_METHODS:
        return tuple(there)
    wanted = {choice.reference, choice.rival, *choice.methods}
    return tuple(name for name in there if name in wanted) or tuple(there[:1])
