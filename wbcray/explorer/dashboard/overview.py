"""The first page: what was compared, what came out, and what nobody can say."""

import pandas as pd
from dash import html

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.numbers import grid
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.numbers.coverage import could_not_measure
from wbcray.explorer.numbers.findings import findings, findings_across
from wbcray.explorer.numbers.leaderboard import format_leaderboard, leaderboard
from wbcray.explorer.numbers.watermarks import watermarks
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.report.protocol import protocol

HIGHEST = 700
"""Pixels; a leaderboard of 20 rows is seen whole."""

READING = (
    "Mean ± standard deviation over folds; seeds of a fold are averaged first. Methods of one "
    "group are not separable by their folds. The verdict is against the reference method, by the "
    "corrected paired test with Holm's adjustment. Here all is told in macro F1, whichever score "
    "is chosen above."
)


def banners(tables: RunTables) -> list[html.Div]:
    """What every page has to say first: synthetic images, leakage, an oracle."""
    return [html.Div(line, className="banner", role="alert") for line in watermarks(tables.facts)]


def above(
    pictures: Pictures, tables: RunTables, choice: Choice, *, version: int
) -> list[html.Section]:
    """The leaderboard and what it says in words, for what a reader chose."""
    key = ("overview", choice.as_query())
    there = pictures.narrowed(tables, choice, version=version)
    found: list[html.Section] = pictures.once(version, key, lambda: _above(there, choice))
    return found


def below(pictures: Pictures, tables: RunTables, *, version: int) -> list[html.Section]:
    """The protocol, and what could not be measured."""
    found: list[html.Section] = pictures.once(version, ("protocol",), lambda: _below(tables))
    return found


def _above(tables: RunTables, choice: Choice) -> list[html.Section]:
    board = leaderboard(tables, UNSEEN, reference=choice.reference)
    split = UNSEEN
    if board.empty:
        split = VALIDATION
        board = leaderboard(tables, split, reference=choice.reference)
    place = "the unseen domain" if split == UNSEEN else "validation images of the source domains"
    return [
        html.Section(
            [
                html.H2(f"Which method holds up on {place}?"),
                html.P([html.B("How to read: "), READING], className="how"),
                _board(board, tables, split),
            ],
            className="panel plain",
            id="leaderboard",
        ),
        html.Section(
            [html.H2("In words"), _bullets(_sentences(board, choice))],
            className="panel plain",
            id="findings",
        ),
    ]


def _below(tables: RunTables) -> list[html.Section]:
    return [
        html.Section(
            [html.H2("Protocol"), _facts(protocol(tables))], className="card", id="protocol"
        ),
        html.Section(
            [html.H2("What could not be measured"), _bullets(could_not_measure(tables))],
            className="panel plain",
            id="limits",
        ),
    ]


def _board(board: pd.DataFrame, tables: RunTables, split: str) -> html.Div:
    """The leaderboards of all held-out domains as one grid, in the words of the command line."""
    if board.empty:
        text = "No cell is recorded yet: `wbcray tune` and `wbcray compare` record some."
        return html.Div(text, className="message")
    written = format_leaderboard(board, openings=tables.facts.openings, split=split)
    domains = list(dict.fromkeys(board["held_out"]))
    rows = [
        (domain, *row) for domain, part in zip(domains, written, strict=True) for row in part.rows
    ]
    frame = pd.DataFrame(rows, columns=["held out", *written[0].header])
    return html.Div(
        [
            grid(frame, filters=False, most=HIGHEST),
            html.P(written[0].note, className="n"),
        ]
    )


def _sentences(board: pd.DataFrame, choice: Choice) -> tuple[str, ...]:
    if board.empty:
        return ("Nothing was measured yet.",)
    reference = choice.reference
    return (*findings(board, reference=reference), *findings_across(board, reference=reference))


def _bullets(items: tuple[str, ...]) -> html.Ul:
    return html.Ul([html.Li(item) for item in items])


def _facts(pairs: tuple[tuple[str, str], ...]) -> html.Dl:
    rows = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs]
    return html.Dl(rows, className="facts")
