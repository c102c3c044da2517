"""In which settings the configurations of two methods differ."""

from collections.abc import Mapping

import pandas as pd

from wbcray.core.hyper import Scalar
from wbcray.explorer.look.parameter_axes import short
from wbcray.explorer.reading.parameters import searched_dimensions
from wbcray.explorer.reading.selection import selected_cells
from wbcray.explorer.reading.tables import RunTables
from wbcray.search.space import Dimension

SAME, DIFFERS, ONLY = "same", "differs", "only one has it"


def configured(tables: RunTables, *, held_out: str) -> dict[str, dict[str, Scalar]]:
    """What stands for each method on a domain, setting by setting; known ones only."""
    cells = selected_cells(tables)
    cells = cells[cells["held_out"] == held_out].drop_duplicates("method")
    known = {digest: dict(settings) for digest, settings in tables.facts.configurations}
    pairs = zip(cells["method"], cells["config"], strict=True)
    return {str(method): known[config] for method, config in pairs if config in known}


def changes(
    tables: RunTables,
    values: Mapping[str, Mapping[str, Scalar]],
    first: str,
    second: str,
    *,
    held_out: str,
) -> pd.DataFrame:
    """One row per setting of either configuration, those that differ first.

    `values` is from `configured`. Columns: `setting`, both methods' names (the value as text,
    empty where it has none), `searched` (the range in either search), `state`.
    """
    one, other = values[first], values[second]
    ranges = {
        name: _range(dimension)
        for method in (second, first)
        for name, dimension in searched_dimensions(tables, method=method, held_out=held_out).items()
    }
    rows = [
        {
            "setting": name,
            first: _text(one.get(name)),
            second: _text(other.get(name)),
            "searched": ranges.get(name, ""),
            "state": _state(one.get(name), other.get(name)),
        }
        for name in dict.fromkeys((*one, *other))
    ]
    order = {DIFFERS: 0, ONLY: 1, SAME: 2}
    found = pd.DataFrame(rows, columns=["setting", first, second, "searched", "state"])
    places = found["state"].map(order).sort_values(kind="stable").index
    return found.loc[places].reset_index(drop=True)


def _state(one: Scalar | None, other: Scalar | None) -> str:
    if one is None or other is None:
        return ONLY
    return SAME if one == other else DIFFERS


def _text(value: Scalar | None) -> str:
    if value is None:
        return ""
    return short(value) if isinstance(value, float) else str(value)


def _range(dimension: Dimension) -> str:
    if dimension.choices:
        return " | ".join(map(str, dimension.choices))
    scale = " (log)" if dimension.log else ""
    return f"{short(float(dimension.low))} .. {short(float(dimension.high))}{scale}"
