"""Tidy tables: one row an observation, one column a variable, under names that do not change."""

import pandas as pd

from wbcray.explorer.numbers.classes import per_class
from wbcray.explorer.numbers.coverage import coverage
from wbcray.explorer.numbers.leaderboard import leaderboard
from wbcray.explorer.numbers.watermarks import in_short
from wbcray.explorer.reading.selection import selected_cells
from wbcray.explorer.reading.tables import CELL, UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import measured

WATERMARK = "watermark"
"""The last column of every table: SYNTHETIC, LEAKAGE, ORACLE, or nothing."""


def tidy_tables(tables: RunTables, *, reference: str) -> dict[str, pd.DataFrame]:
    """The tables by name.

    `confusion` and `curves` hold the cells that stand for their method, as `cells` lists them: a
    search trains far more of them, and those are in the run's own Parquet tables.
    """
    cells = selected_cells(tables)
    stands = cells[[*CELL, "config"]].drop_duplicates()
    boards = [
        leaderboard(tables, split, reference=reference).assign(split=split, reference=reference)
        for split in (UNSEEN, VALIDATION)
    ]
    classes = [
        per_class(tables, split, held_out=held_out).assign(split=split, held_out=held_out)
        for split, held_out in measured(tables)
    ]
    found = {
        "leaderboard": _stacked(boards),
        "classes": _stacked(classes),
        "confusion": tables.confusion.drop_duplicates().merge(stands),
        "curves": tables.curves.drop_duplicates([*CELL, "config", "epoch"]).merge(stands),
        "cells": cells,
        "trials": tables.trials,
        "coverage": coverage(tables),
    }
    mark = in_short(tables.facts)
    return {name: frame.assign(**{WATERMARK: mark}) for name, frame in found.items()}


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    there = [frame for frame in frames if not frame.empty]
    return pd.concat(there, ignore_index=True) if there else pd.DataFrame()
