"""The first page: what was compared, what came out, and what nobody can say.

It is HTML text rather than components, so that the server can send it before the page's programs,
and because a table of components takes a browser ten times as long.
"""

from collections.abc import Sequence

import pandas as pd
from dash import html

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.interval_marks import IntervalMarks
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.look.style import looks
from wbcray.explorer.numbers.coverage import could_not_measure
from wbcray.explorer.numbers.findings import findings, findings_across
from wbcray.explorer.numbers.leaderboard import format_leaderboard, leaderboard
from wbcray.explorer.numbers.watermarks import watermarks
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.report.markup import bullets, facts_list, text
from wbcray.explorer.report.protocol import protocol

READING = (
    "Mean ± standard deviation over folds; seeds of a fold are averaged first. Methods of one "
    "group are not separable by their folds. The verdict is against the reference method, by the "
    "corrected paired test with Holm's adjustment. The drawing is the difference and its 95 % "
    "interval; within the grey band, 0.01 to either side of zero, methods count as equal. Here all "
    "is told in macro F1, whichever score is chosen above; the page of methods has the rest."
)


def banners(tables: RunTables) -> list[html.Div]:
    """What every page has to say first: synthetic images, leakage, an oracle."""
    return [html.Div(line, className="banner", role="alert") for line in watermarks(tables.facts)]


def above(pictures: Pictures, tables: RunTables, choice: Choice, *, version: int) -> str:
    """The leaderboard and what it says in words, for what a reader chose; as HTML."""
    key = ("overview", choice.as_query())
    there = pictures.narrowed(tables, choice, version=version)
    found: str = pictures.once(version, key, lambda: _above(there, choice))
    return found


def below(pictures: Pictures, tables: RunTables, *, version: int) -> str:
    """The protocol, and what could not be measured; as HTML."""
    found: str = pictures.once(version, ("protocol",), lambda: _below(tables))
    return found


def _above(tables: RunTables, choice: Choice) -> str:
    board = leaderboard(tables, UNSEEN, reference=choice.reference)
    split = UNSEEN
    if board.empty:
        split = VALIDATION
        board = leaderboard(tables, split, reference=choice.reference)
    place = "the unseen domain" if split == UNSEEN else "validation images of the source domains"
    return (
        f'<section class="panel plain leaderboard"><h2>Which method holds up on {place}?</h2>'
        f'<p class="how"><b>How to read:</b> {text(READING)}</p>'
        f"{_board(board, tables, split, choice.reference)}</section>"
        f'<section class="panel plain"><h2>In words</h2>'
        f"{bullets(_sentences(board, choice))}</section>"
    )


def _below(tables: RunTables) -> str:
    return (
        f'<section class="card"><h2>Protocol</h2>{facts_list(protocol(tables))}</section>'
        '<section class="panel plain"><h2>What could not be measured</h2>'
        f"{bullets(could_not_measure(tables))}</section>"
    )


def _board(board: pd.DataFrame, tables: RunTables, split: str, reference: str) -> str:
    """The leaderboards of all held-out domains as one table, in the words of the command line."""
    if board.empty:
        nothing = "No cell is recorded yet: `wbcray tune` and `wbcray compare` record some."
        return f'<div class="message">{nothing}</div>'
    written = format_leaderboard(board, openings=tables.facts.openings, split=split)
    marks = IntervalMarks.of(board)
    styles = looks(tables.coloured, reference=reference)
    drawn = [
        marks.mark(row["difference"], row["low"], row["high"], color=styles[row["method"]].color)
        for row in board.to_dict("records")
    ]
    names = ("held out", *written[0].header)
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    bodies = []
    for domain, part in zip(dict.fromkeys(board["held_out"]), written, strict=True):
        here, drawn = drawn[: len(part.rows)], drawn[len(part.rows) :]
        bodies.append(_domain_rows(domain, part.rows, here))
    ends = "".join(f"<span>{text(name)}</span>" for name in ("worse", reference, "better"))
    scale = f'<th class="scale">{ends}</th>'
    return (
        f'<div class="scroll"><table class="board"><thead><tr>{head}{scale}</tr></thead>'
        f'{"".join(bodies)}</table></div><p class="n">{text(written[0].note)}</p>'
    )


def _domain_rows(domain: str, rows: Sequence[Sequence[str]], drawn: Sequence[str]) -> str:
    """The methods of one held-out domain, which is named once."""
    place = f'<th scope="rowgroup" rowspan="{len(rows)}">{text(domain)}</th>'
    lines = [
        "".join(f"<td>{text(cell)}</td>" for cell in row) + f'<td class="mark">{mark}</td>'
        for row, mark in zip(rows, drawn, strict=True)
    ]
    return f"<tbody><tr>{place}{'</tr><tr>'.join(lines)}</tr></tbody>"


def _sentences(board: pd.DataFrame, choice: Choice) -> tuple[str, ...]:
    if board.empty:
        return ("Nothing was measured yet.",)
    reference = choice.reference
    return (*findings(board, reference=reference), *findings_across(board, reference=reference))
