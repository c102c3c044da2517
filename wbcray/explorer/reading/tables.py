"""The tables of a run as the store writes them: four data frames and the run's facts."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wbcray.core.errors import StoreError
from wbcray.explorer.reading.data_facts import AuditFacts, OverviewFacts, read_audit, read_overview
from wbcray.explorer.reading.facts import RunFacts
from wbcray.store.selections import oracle_name

CELL = ["method", "held_out", "fold", "seed"]
"""What names a cell of the grid; with `config` it names one recorded cell."""

DEFAULT_REFERENCE = "erm"
"""The method that the others are compared with: plain empirical risk minimisation."""

VALIDATION = "validation"
UNSEEN = "unseen"

COLUMNS: dict[str, tuple[str, ...]] = {
    "cells": (
        *(*CELL, "config", "origin", "trial", "epochs", "best_epoch", "seconds", "device"),
        *("n_train", "n_validation", "n_test", "test_opened"),
    ),
    "confusion": (*CELL, "config", "split", "domain", "true", "predicted", "count"),
    "curves": (
        *(*CELL, "config", "trial", "epoch", "val_macro_f1", "val_micro_f1"),
        *("learning_rate", "seconds"),
    ),
    "trials": (
        *("method", "held_out", "trial", "state", "value", "value_std", "budget", "seconds"),
    ),
}
"""Columns that each table has at least; `curves` adds `loss_<part>`, `trials` adds `p_<name>`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunTables:
    """Everything the explorer knows about a run.

    Attributes:
        cells: One row per recorded cell.
        confusion: Non-zero counts of cells, by split and domain; the split `unseen` has rows only
            for cells whose held-out counts were opened.
        curves: One row per cell and epoch.
        trials: One row per trial of a study.
        facts: The run's protocol.
        overview: What its data are, None where the run does not say.
        audit: What the audit found in them, likewise.
        whole: The methods before some were filtered out; empty where none were.
        folder: Of the run, for what is too large for a table; None for tables without a run.

    Raises:
        StoreError: For missing columns, or classes and domains that the facts do not name.
    """

    cells: pd.DataFrame
    confusion: pd.DataFrame
    curves: pd.DataFrame
    trials: pd.DataFrame
    facts: RunFacts
    overview: OverviewFacts | None = None
    audit: AuditFacts | None = None
    folder: Path | None = None
    whole: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, columns in COLUMNS.items():
            missing = [column for column in columns if column not in getattr(self, name).columns]
            if missing:
                raise _damaged(f"the table '{name}' lacks {', '.join(missing)}")
        for column, known in (
            ("true", self.facts.classes),
            ("predicted", self.facts.classes),
            ("domain", self.facts.domains),
        ):
            strange = sorted(set(self.confusion[column].unique()) - set(known))
            if strange:
                raise _damaged(f"the table 'confusion' has unknown names in '{column}': {strange}")

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method of the run, in alphabetical order."""
        failed = {cell.method for cell in self.facts.failed_cells}
        used = {*_names(self.cells, "method"), *_names(self.trials, "method"), *failed}
        return tuple(sorted(used))

    @property
    def coloured(self) -> tuple[str, ...]:
        """The methods that colours are given out to: hiding one must not repaint the others."""
        return self.whole or self.methods

    @property
    def oracle(self) -> frozenset[str]:
        """Names under which stands what was chosen by held-out scores."""
        rows = self.cells["origin"] == "oracle"
        return frozenset(map(str, self.cells["method"][rows]))

    @property
    def judged(self) -> tuple[str, ...]:
        """`methods` without those that only stand under their oracle's name."""
        own = set(_names(self.cells, "method"))
        return tuple(
            name for name in self.methods if name in own or oracle_name(name) not in self.oracle
        )

    @property
    def held_out(self) -> tuple[str, ...]:
        """Every domain that was held out, in the run's order."""
        failed = {cell.held_out for cell in self.facts.failed_cells}
        used = {*_names(self.cells, "held_out"), *_names(self.trials, "held_out"), *failed}
        return tuple(name for name in self.facts.domains if name in used)

    @property
    def states(self) -> tuple[str, ...]:
        """Every state that a trial of the run is in, in alphabetical order."""
        return tuple(sorted(_names(self.trials, "state")))


def _names(frame: pd.DataFrame, column: str) -> list[str]:
    """Each once; views ask often, and a table has thousands of rows."""
    return [str(name) for name in frame[column].unique()]


def read_tables(folder: Path) -> RunTables:
    """The tables of the run in `folder`.

    Raises:
        StoreError: If a file is missing, damaged or lacks columns.
    """
    facts_path = folder / "facts.json"
    try:
        facts = json.loads(facts_path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(f"cannot read the run's facts: {error}", where=str(facts_path)) from error
    frames = {name: _read_frame(folder / "tables" / f"{name}.parquet") for name in COLUMNS}
    return RunTables(
        cells=frames["cells"],
        confusion=frames["confusion"],
        curves=frames["curves"],
        trials=frames["trials"],
        facts=RunFacts.from_json(facts, where=str(facts_path)),
        overview=read_overview(folder),
        audit=read_audit(folder),
        folder=folder,
    )


def _read_frame(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise _damaged(f"cannot read a table: {error}", where=str(path)) from error


def _damaged(what: str, where: str = "") -> StoreError:
    return StoreError(
        what, where=where, fix="make the tables again from the records: wbcray store rebuild RUN"
    )
