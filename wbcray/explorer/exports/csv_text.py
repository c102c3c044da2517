"""Tables as CSV that a spreadsheet opens without running anything in it."""

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from math import isnan

import pandas as pd

from wbcray.core.spreadsheet import safe_cell
from wbcray.explorer.exports.paper_table import PaperTable
from wbcray.explorer.exports.tidy import WATERMARK

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Before a table with ± in it: without this, Excel reads UTF-8 as something else."""


def tidy_csv(frame: pd.DataFrame) -> str:
    """A data frame with exact numbers; a missing value is an empty field, a list is JSON."""
    columns = [[_field(value) for value in frame[name].tolist()] for name in frame.columns]
    return _written([str(name) for name in frame.columns], zip(*columns, strict=True))


def wide_csv(table: PaperTable, *, watermark: str) -> str:
    """A table as a paper prints it, a line of heads, and the watermark as its last column."""
    over = [name for name, width in table.groups for _ in range(width)] or [""] * len(table.header)
    heads = [f"{g}: {name}" if g else name for g, name in zip(over, table.header, strict=True)]
    rows = [[*(entry.text for entry in row), watermark] for row in table.rows]
    return BYTE_ORDER_MARK + _written([*heads, WATERMARK], rows)


def _written(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([safe_cell(head) for head in heads])
    writer.writerows([safe_cell(field) for field in row] for row in rows)
    return text.getvalue()


def _field(value: object) -> str:
    if isinstance(value, list | tuple):
        return json.dumps(value)
    if hasattr(value, "tolist"):  # an array in a table of trials
        return json.dumps(value.tolist())
    missing = value is None or value is pd.NA or (isinstance(value, float) and isnan(value))
    return "" if missing else str(value)
