"""Small pieces of HTML; every name and number that goes in is escaped here and nowhere else."""

from collections.abc import Iterable, Sequence
from html import escape
from math import isnan
from numbers import Real

import pandas as pd

from wbcray.explorer.wording import MISSING, many, number

MOST_ROWS = 300
SMALLEST = 1e-3


def text(value: object) -> str:
    """A value as HTML text, safe between tags and within quoted attributes."""
    return escape(str(value), quote=True)


def bullets(items: Iterable[str]) -> str:
    """A list of sentences."""
    return f"<ul>{''.join(f'<li>{text(item)}</li>' for item in items)}</ul>"


def facts_list(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and their values, as a definition list."""
    rows = "".join(
        f"<div><dt>{text(name)}</dt><dd>{text(value)}</dd></div>" for name, value in pairs
    )
    return f'<dl class="facts">{rows}</dl>'


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "") -> str:
    """A table of plain strings."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    title = f"<caption>{text(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def frame_table(frame: pd.DataFrame) -> str:
    """A data frame as a table; a long one is cut and says so."""
    shown = frame.head(MOST_ROWS)
    rows = [[cell_text(value) for value in row] for row in shown.itertuples(index=False, name=None)]
    cut = ""
    if len(frame) > MOST_ROWS:
        cut = f"the first {MOST_ROWS} of {many(len(frame), 'row')}; `wbcray export` writes all"
    return table([str(name).replace("_", " ") for name in frame.columns], rows, caption=cut)


def cell_text(value: object) -> str:
    """A value of a table as it is read: four decimals, whole numbers whole; nothing is escaped."""
    if value is pd.NA or value is None:
        return MISSING
    if isinstance(value, bool | int | str) or not isinstance(value, Real):
        return str(value)
    exact = float(value)
    if exact.is_integer():
        return f"{exact:.0f}"
    return number(exact, 4) if isnan(exact) or abs(exact) >= SMALLEST else f"{exact:.3g}"
