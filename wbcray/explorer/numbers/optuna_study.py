"""A run's searches as Optuna studies in memory, made from the tables; a copy that nobody needs."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from wbcray.core.hyper import Scalar
from wbcray.explorer.numbers.trials import trial_reports
from wbcray.explorer.reading.parameters import PREFIX, searched_dimensions
from wbcray.explorer.reading.tables import RunTables
from wbcray.search.space import Dimension, contains

if TYPE_CHECKING:
    import optuna

NUMBER = "number"
"""Attribute of an Optuna trial: its number in the run."""
RUNNING = "RUNNING"


def optuna_study(
    tables: RunTables,
    trials: pd.DataFrame,
    *,
    method: str,
    held_out: str,
    storage: "optuna.storages.BaseStorage | None" = None,
) -> "optuna.Study":
    """The study of a method on a held-out domain, with those of its `trials` that have ended.

    A value that is outside the searched range, as in a damaged table, is left out of its trial.
    """
    import optuna
    from optuna.trial import create_trial

    from wbcray.search.optuna_space import STATES, distribution_of

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name=f"{tables.facts.run}--{method}--{held_out}",
        direction="maximize",
        storage=storage,
    )
    study.set_user_attr("method", method)
    study.set_user_attr("held_out", held_out)
    searched = searched_dimensions(tables, method=method, held_out=held_out)
    known = {name: distribution_of(dimension) for name, dimension in searched.items()}
    reports = {
        int(str(number)): dict(zip(rows["budget"], rows["value"], strict=True))
        for number, rows in trial_reports(trials).groupby("trial")
    }
    made = []
    for row in trials[trials["state"] != RUNNING].to_dict("records"):
        params = _params(row, searched)
        number, value = int(row["trial"]), float(row["value"])
        made.append(
            create_trial(
                state=STATES[str(row["state"])],
                value=value if row["state"] == "COMPLETE" else None,
                params=params,
                distributions={name: known[name] for name in params},
                intermediate_values=reports.get(number, {}),
                user_attrs={NUMBER: number},
            )
        )
    study.add_trials(made)
    return study


def _params(row: dict[Any, Any], searched: dict[str, Dimension]) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for name, dimension in searched.items():
        value = row.get(PREFIX + name)
        if value is None or value != value:  # noqa: PLR0124  # NaN: idle in this trial
            continue
        if dimension.kind == "choice":
            same = next((c for c in dimension.choices if contains((c,), value)), None)
            if same is not None:
                found[name] = same
        elif dimension.low <= value <= dimension.high:
            found[name] = int(value) if dimension.kind == "int" else float(value)
    return found
