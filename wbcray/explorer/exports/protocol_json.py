"""The protocol of a run as JSON: what was asked, with what, by which rule, and how often looked."""

import json
from dataclasses import asdict
from math import isfinite
from typing import Any

import pandas as pd

from wbcray.explorer.numbers.coverage import could_not_measure
from wbcray.explorer.numbers.trials import studies
from wbcray.explorer.numbers.watermarks import watermarks
from wbcray.explorer.reading.selection import selected_cells
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.report.protocol import protocol

_SHOWN = ["method", "held_out", "config", "origin", "trial"]


def protocol_json(tables: RunTables, *, reference: str) -> str:
    """One JSON object; numbers that do not exist are null.

    `facts` is the run's own record of its protocol, `card` the same in words, `configurations` what
    stands for each method, `studies` what each search was given (times in seconds).
    """
    cells = selected_cells(tables)
    grouped = cells.groupby(_SHOWN, as_index=False, dropna=False)
    content = {
        "watermarks": list(watermarks(tables.facts)),
        "reference": reference,
        "facts": asdict(tables.facts),
        "card": dict(protocol(tables)),
        "configurations": _records(grouped.agg(folds=("fold", "nunique"), cells=("seed", "size"))),
        "studies": _records(studies(tables)),
        "limits": list(could_not_measure(tables)),
    }
    return json.dumps(_finite(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _records(frame: pd.DataFrame) -> list[Any]:
    return json.loads(frame.to_json(orient="records", double_precision=15))  # type: ignore[no-any-return]  # a list by `orient`


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
