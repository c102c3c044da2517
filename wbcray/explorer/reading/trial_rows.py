"""The rows of the table of trials, one per suggestion of a study."""

from typing import Any

import numpy as np

from wbcray.explorer.reading.kept_studies import StudyRecords
from wbcray.store.study_contents import Told

Row = dict[str, Any]


def trial_rows(study: StudyRecords) -> list[Row]:
    """One row per trial: how it ended, what it reported on the way, and its parameters."""
    told = study.told()
    rows = []
    for number, asked in study.asked().items():
        row = {"method": study.method, "held_out": study.held_out, "trial": number}
        row |= _ending(told.get(number))
        rows.append(row | {f"p_{name}": value for name, value in asked.params.items()})
    return rows


def _ending(told: Told | None) -> Row:
    if told is None:
        nothing = {"state": "RUNNING", "value": np.nan, "value_std": np.nan, "budget": 0}
        return nothing | {"seconds": 0, "report_budgets": [], "report_values": []}
    spread = float(np.std(told.values, ddof=1)) if len(told.values) > 1 else np.nan
    return {
        "state": told.state,
        "value": np.nan if told.value is None else told.value,
        "value_std": spread,
        "budget": told.budget,
        "seconds": told.seconds,
        "report_budgets": [budget for budget, _ in told.intermediate],
        "report_values": [value for _, value in told.intermediate],
    }
