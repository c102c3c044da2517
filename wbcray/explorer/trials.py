"""How the search went: trials, their hyper-parameters, budgets and learning curves."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wbcray.explorer.selection import selected_cells
from wbcray.explorer.tables import CELL, RunTables
from wbcray.search.space import DEFAULT_OBJECTIVE

PREFIX = "p_"
COMPLETE = "COMPLETE"
VALIDATION_MACRO = "validation macro F1"

LOG_RATIO = 100
CROWD = 0.25
MOST_STEPS = 6
"""A parameter is read on a log axis when its positive values span two decades or more and more than
this share of them crowds into the lowest tenth of a linear axis. The tables do not say how it was
searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A hyper-parameter that a study varied.

    Attributes:
        name: Dotted name, as on the command line.
        log: Whether a log axis suits its values.
        choices: Its values as text, if they are not numbers; else empty.
        steps: Its values, if they are few numbers; else empty.
    """

    name: str
    log: bool = False
    choices: tuple[str, ...] = ()
    steps: tuple[float, ...] = ()

    @property
    def column(self) -> str:
        """Its column in the table of trials."""
        return PREFIX + self.name


def trial_table(tables: RunTables, *, method: str) -> pd.DataFrame:
    """The trials of a method, best first within a held-out domain; only columns that it has."""
    rows = tables.trials[tables.trials["method"] == method]
    used = [
        name for name in rows.columns if not name.startswith(PREFIX) or rows[name].notna().any()
    ]
    ranked = rows[used].sort_values(["value", "trial"], ascending=[False, True])
    place = {name: number for number, name in enumerate(tables.facts.domains)}
    order = ranked["held_out"].map(place).sort_values(kind="stable").index
    return ranked.loc[order].reset_index(drop=True)


def objective_of(tables: RunTables, *, method: str, held_out: str | None = None) -> str:
    """What the values of these trials are, in words; `objective` where searches differed."""
    domains = tables.held_out if held_out is None else (held_out,)
    names = {
        name
        for study, name in tables.facts.objectives
        if study in {f"{method}--{domain}" for domain in domains}
    }
    if names <= {DEFAULT_OBJECTIVE}:
        return VALIDATION_MACRO
    return names.pop() if len(names) == 1 else "objective"


def varied_parameters(trials: pd.DataFrame) -> tuple[Parameter, ...]:
    """The hyper-parameters that differ between `trials`, by name."""
    columns = sorted(name for name in trials.columns if name.startswith(PREFIX))
    return tuple(
        _parameter(name, trials[name].dropna()) for name in columns if trials[name].nunique() > 1
    )


def studies(tables: RunTables) -> pd.DataFrame:
    """One row per study (method x held-out): trials by state, budget, time and best value.

    Columns: `method`, `held_out`, `trials`, one per state that occurs (lower case), `epochs`
    (over all trials and folds), `seconds`, `best` (mean of the objective), `best_trial`.
    """
    rows = tables.trials
    if rows.empty:
        return pd.DataFrame(columns=["method", "held_out", "trials", "epochs", "seconds", "best"])
    study = ["method", "held_out"]
    grouped = rows.groupby(study)
    found = grouped.agg(
        trials=("trial", "nunique"), epochs=("budget", "sum"), seconds=("seconds", "sum")
    )
    states = pd.crosstab([rows["method"], rows["held_out"]], rows["state"])
    found = found.join(states.rename(columns=str.lower))
    complete = rows[(rows["state"] == COMPLETE) & rows["value"].notna()]
    best = complete.sort_values("value", ascending=False, kind="stable").drop_duplicates(study)
    best = best.rename(columns={"value": "best", "trial": "best_trial"})
    found = found.join(best.set_index(study)[["best", "best_trial"]])
    return found.reset_index()


def learning_curves(tables: RunTables, *, held_out: str) -> pd.DataFrame:
    """Validation macro F1 by epoch of the selected cells, over folds and seeds.

    Columns: `method`, `epoch`, `mean`, `low`, `high` (smallest and largest cell), `cells`. Cells
    stop early, so later epochs may rest on fewer of them.
    """
    cells = selected_cells(tables)
    keys = [*CELL, "config"]
    rows = tables.curves.drop_duplicates([*keys, "epoch"]).merge(cells[keys])
    rows = rows[rows["held_out"] == held_out]
    grouped = rows.groupby(["method", "epoch"])["val_macro_f1"]
    found = grouped.agg(mean="mean", low="min", high="max", cells="size")
    return found.reset_index()


def _parameter(column: str, values: "pd.Series[Any]") -> Parameter:
    name = column.removeprefix(PREFIX)
    numbers = pd.to_numeric(values, errors="coerce")
    if pd.api.types.is_bool_dtype(values) or numbers.isna().any():
        return Parameter(name=name, choices=tuple(sorted(map(str, values.unique()))))
    low, high = float(np.min(numbers)), float(np.max(numbers))
    crowded = float(np.mean(numbers < low + (high - low) / 10))
    log = low > 0 and high / low >= LOG_RATIO and crowded > CROWD
    steps = sorted(float(value) for value in numbers.unique())
    return Parameter(name=name, log=log, steps=tuple(steps if len(steps) <= MOST_STEPS else ()))
