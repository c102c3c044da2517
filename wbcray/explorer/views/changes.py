"""In which settings do two methods differ?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import GRID, TRANSPARENT, dressed, label
from wbcray.explorer.numbers.changes import DIFFERS, SAME, changes, configured
from wbcray.explorer.numbers.leaderboard import ORACLE, REFERENCE, leaderboard
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import MISSING, many

_ROW = 28
_WRAP = 34
"""Characters of a range that fit into a line of its column."""


def _panel(tables: RunTables, choice: Choice) -> Panel:
    known = {digest for digest, _ in tables.facts.configurations}
    cells = tables.cells[tables.cells["config"].isin(known)]
    grouped = {str(name): set(rows["method"]) for name, rows in cells.groupby("held_out")}
    places = [
        name
        for name in tables.held_out
        if choice.reference in grouped.get(name, ()) and grouped[name] - {choice.reference}
    ]
    other = choice.rival or "the best method"
    return Panel(
        question=f"In which settings do {choice.reference} and {other} differ?",
        how_to_read="The configurations that stand for the two methods, setting by setting: what "
        "differs, and what one of them alone has. A difference of scores is a difference of all of "
        "this, not of the method's name only. Settings that are alike are in the numbers.",
        n="one configuration of each method",
        variants=tuple(
            Variant(label=f"{held_out} held out", draw=partial(_drawn, tables, choice, held_out))
            for held_out in places
        ),
        lacking="There are not two methods with known configurations: `wbcray compare` trains "
        "them, `wbcray store rebuild` makes old tables anew.",
    )


def _drawn(tables: RunTables, choice: Choice, held_out: str) -> Drawn:
    first = choice.reference
    values = configured(tables, held_out=held_out)
    second = _rival(tables, choice, held_out, [name for name in values if name != first])
    numbers = changes(tables, values, first, second, held_out=held_out)
    figure = _figure(numbers, first, second, held_out=held_out)
    return Drawn(figure=figure, numbers=numbers)


def _rival(tables: RunTables, choice: Choice, held_out: str, there: list[str]) -> str:
    """The chosen method of those that are there, else the best one, else any."""
    if choice.rival in there:
        return choice.rival
    for split in (UNSEEN, VALIDATION):
        board = leaderboard(tables, split, reference=choice.reference)
        ranked = board[(board["held_out"] == held_out) & board["method"].isin(there)]
        ranked = ranked[~ranked["verdict"].isin((REFERENCE, ORACLE))]
        if len(ranked):
            return str(ranked["method"].iloc[0])
    return there[0]


def _figure(numbers: pd.DataFrame, first: str, second: str, *, held_out: str) -> go.Figure:
    shown = numbers[numbers["state"] != SAME]
    columns = ["setting", first, second, "searched"]
    texts = [[_wrapped(value) for value in shown[column]] for column in columns]
    lines = sum(max(cell.count("<br>") for cell in row) + 1 for row in zip(*texts, strict=True))
    states = shown["state"].tolist()
    for column in texts[1:3]:
        column[:] = [
            f"<b>{cell}</b>" if state == DIFFERS else cell
            for cell, state in zip(column, states, strict=True)
        ]
    look = {"align": "left", "line": {"color": GRID}, "fill": {"color": TRANSPARENT}}
    figure = go.Figure()
    figure.add_table(
        header={"values": [f"<b>{label(name)}</b>" for name in columns], "height": 30, **look},
        cells={"values": texts, "height": _ROW, **look},
        columnwidth=[3, 2, 2, 3],
    )
    alike = many(int((numbers["state"] == SAME).sum()), "setting")
    title = (
        f"In which settings do {label(first)} and {label(second)} differ, "
        f"{label(held_out)} held out?"
    )
    # a line of a wrapped cell is lower than a row
    figure = dressed(figure, title, height=120 + _ROW * max(1, lines))
    return remarked(figure, f"{alike} have the same value in both", clear=4)


def _wrapped(value: str) -> str:
    """The text of a cell, broken between choices where it is long."""
    if not value:
        return MISSING
    lines = [""]
    for part in value.split(" | "):
        joined = f"{lines[-1]} | {part}" if lines[-1] else part
        if len(joined) > _WRAP and lines[-1]:
            lines.append(part)
        else:
            lines[-1] = joined
    return "<br>".join(label(line) for line in lines)


CHANGES = View(anchor="changes", short="Two configurations", build=_panel)
