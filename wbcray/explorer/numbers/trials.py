"""How the search went: trials, budgets, reports and learning curves."""

import numpy as np
import pandas as pd

from wbcray.explorer.reading.parameters import PREFIX
from wbcray.explorer.reading.selection import selected_cells
from wbcray.explorer.reading.tables import CELL, RunTables
from wbcray.search.space import DEFAULT_OBJECTIVE

COMPLETE = "COMPLETE"
STATES = (COMPLETE, "PRUNED", "FAILED", "INFEASIBLE", "RUNNING")
VALIDATION_MACRO = "validation macro F1"
REPORT_COLUMNS = ("report_budgets", "report_values")
"""Lists in the table of trials: epochs spent over all folds, and the running value there."""


def trial_table(
    tables: RunTables, *, method: str, held_out: str | None = None, complete: bool = False
) -> pd.DataFrame:
    """The trials of a method, best first within a held-out domain; only columns that it has.

    With `complete`, only those that may be ranked.
    """
    rows = tables.trials[tables.trials["method"] == method]
    if held_out is not None:
        rows = rows[rows["held_out"] == held_out]
    if complete:
        rows = complete_trials(rows)
    used = [
        name
        for name in rows.columns
        if name not in REPORT_COLUMNS
        and (not name.startswith(PREFIX) or bool(rows[name].notna().any()))
    ]
    ranked = rows[used].sort_values(["value", "trial"], ascending=[False, True])
    place = {name: number for number, name in enumerate(tables.facts.domains)}
    order = ranked["held_out"].map(place).sort_values(kind="stable").index
    return ranked.loc[order].reset_index(drop=True)


def complete_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Those that may be ranked: trained in full, with a value."""
    return trials[(trials["state"] == COMPLETE) & trials["value"].notna()]


def sampled(trials: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most that many rows: the best, and others by a draw that is always the same."""
    if len(trials) <= most:
        return trials
    best = int(np.nanargmax(trials["value"].to_numpy(dtype=np.float64)))
    drawn = np.random.default_rng(0).permutation(len(trials))
    others = drawn[drawn != best][: most - 1]
    return trials.iloc[np.sort([best, *others])]


def objective_of(tables: RunTables, *, method: str, held_out: str | None = None) -> str:
    """What the values of these trials are, in words; `objective` where searches differed."""
    domains = tables.held_out if held_out is None else (held_out,)
    return _objective(tables, {f"{method}--{domain}" for domain in domains})


def objective_on(tables: RunTables, *, held_out: str) -> str:
    """What the values of all methods' trials on one domain are, in words."""
    return _objective(tables, {f"{method}--{held_out}" for method in tables.methods})


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
    best = complete_trials(rows).sort_values("value", ascending=False, kind="stable")
    best = best.drop_duplicates(study).rename(columns={"value": "best", "trial": "best_trial"})
    found = found.join(best.set_index(study)[["best", "best_trial"]])
    return found.reset_index()


def trial_reports(trials: pd.DataFrame) -> pd.DataFrame:
    """What trials reported while they ran; nothing where the tables do not hold it.

    Columns: `trial`, `state`, `budget` (epochs spent over all folds), `value` (running mean of the
    objective).
    """
    columns = ["trial", "state", *REPORT_COLUMNS]
    if not {*REPORT_COLUMNS} <= {*trials.columns}:
        return pd.DataFrame(columns=["trial", "state", "budget", "value"])
    long = trials[columns].explode(list(REPORT_COLUMNS)).dropna()
    long.columns = pd.Index(["trial", "state", "budget", "value"])
    return long.astype({"budget": "int64", "value": "float64"}).reset_index(drop=True)


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


def _objective(tables: RunTables, studies: set[str]) -> str:
    names = {name for study, name in tables.facts.objectives if study in studies}
    if names <= {DEFAULT_OBJECTIVE}:
        return VALIDATION_MACRO
    return names.pop() if len(names) == 1 else "objective"
