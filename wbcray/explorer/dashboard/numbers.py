"""The numbers behind a figure: as a grid of text in the page, and as a CSV file."""

from math import isfinite
from numbers import Real
from typing import Any

import dash_ag_grid as dag  # type: ignore[import-untyped]  # ships no types
import pandas as pd
from dash import html

from wbcray.core.spreadsheet import safe_cell
from wbcray.explorer.wording import many

MOST_ROWS = 2000
"""Shown in the page; the CSV file has all."""
ROW_HEIGHT = 28
MOST_HEIGHT = 420
DIGITS = 4

GRID_OPTIONS: dict[str, Any] = {
    "suppressFieldDotNotation": True,  # names of columns have dots
    "rowHeight": ROW_HEIGHT,
    "headerHeight": 32,
    "enableCellTextSelection": True,
    "ensureDomOrder": True,  # for screen readers
    "tooltipShowDelay": 300,
}


def numbers_grid(frame: pd.DataFrame) -> html.Div:
    """The first rows as a grid; nothing in it is read as HTML."""
    return html.Div([_grid(frame.head(MOST_ROWS)), _cut(len(frame))])


def _cut(rows: int) -> html.P | None:
    if rows <= MOST_ROWS:
        return None
    text = f"the first {MOST_ROWS:,} of {many(rows, 'row')}; the CSV file has all"
    return html.P(text, className="n")


def _grid(frame: pd.DataFrame) -> dag.AgGrid:
    """A data frame as a grid, its columns as wide as needed."""
    columns = [
        {
            "field": str(name),
            "headerName": str(name).replace("_", " "),
            "tooltipField": str(name),
            "cellDataType": "number" if _numeric(frame[name]) else "text",
        }
        for name in frame.columns
    ]
    rows = [
        {str(name): _cell(value) for name, value in zip(frame.columns, row, strict=True)}
        for row in frame.itertuples(index=False, name=None)
    ]
    height = min(MOST_HEIGHT, 52 + ROW_HEIGHT * max(len(frame), 1))
    return dag.AgGrid(
        rowData=rows,
        columnDefs=columns,
        defaultColDef={"sortable": True, "resizable": True, "filter": True},
        columnSize="autoSize",
        dashGridOptions=GRID_OPTIONS,
        style={"height": f"{height}px", "width": "100%"},
        className="ag-theme-quartz",
    )


def as_csv(frame: pd.DataFrame) -> str:
    """The whole frame as CSV; no cell is a formula."""
    safe = frame.rename(columns=lambda name: safe_cell(str(name)))
    for name in safe.columns:
        if not _numeric(safe[name]):
            safe[name] = [None if _missing(v) else safe_cell(str(v)) for v in safe[name]]
    return str(safe.to_csv(index=False))


def _numeric(column: "pd.Series[Any]") -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)  # noqa: PLR0124


def _cell(value: object) -> str | float | int | None:
    """Text, or a number with as many digits as anybody reads."""
    if _missing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    exact = float(value)
    if not isfinite(exact):
        return None
    return int(exact) if exact.is_integer() else float(f"{exact:.{DIGITS}g}")
