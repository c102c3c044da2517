"""Which differences to the reference are real?"""

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.axis_range import ticks_about_zero
from wbcray.explorer.look.facets import COLUMNS, facet, facet_rows, facets
from wbcray.explorer.look.style import ROW_HEIGHT, SMALL, ZERO, Look, dressed, label, looks
from wbcray.explorer.numbers.across import across_intervals
from wbcray.explorer.numbers.findings import UNDECIDED
from wbcray.explorer.numbers.leaderboard import ORACLE, REFERENCE, leaderboard
from wbcray.explorer.numbers.places import PLACES, comparable, splits_of
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size
from wbcray.explorer.wording import interval, many, p_value, probability, score_words, signed

MEAN = "mean of held-out domains"
VERDICT_AT = 1.08
"""Where verdicts begin, in units of the reach of the axis."""

LETTER, WIDTH = 8, 900
"""Of a verdict with its margin, and of a figure on a small screen, pixels."""

HOVER = (
    "%{y}: %{customdata[0]} (%{customdata[1]})<br>p = %{customdata[2]}, after Holm %{customdata[3]}"
    "<br>better %{customdata[4]}, equal %{customdata[5]}, worse %{customdata[6]}"
    "<br>tie group %{customdata[7]}, %{customdata[8]}<extra></extra>"
)
HOVER_MEAN = "%{y}: %{customdata[0]} (%{customdata[1]})<br>%{customdata[2]}<extra></extra>"


def _panel(tables: RunTables, choice: Choice) -> Panel:
    places = comparable(tables, choice.reference)
    variants = []
    for split in splits_of(places):
        drawn = partial(_drawn, tables, choice, split)
        variants.append(Variant(label=PLACES[split], draw=drawn))
    for split in splits_of(places):
        if sum(one == split for one, _ in places) > 1:
            drawn = partial(_drawn_mean, tables, choice, split)
            variants.append(Variant(label=f"{PLACES[split]}: mean", draw=drawn))
    return Panel(
        question=f"Which differences to {choice.reference} are real?",
        how_to_read="Marks right of zero are above the reference. The bar is the 95 % interval of "
        f"the mean paired difference in {score_words(choice.score)} over folds, widened because "
        "folds share their training images and, on an unseen domain, for the choice of its images, "
        "the same for both methods where their answers to each image were kept. "
        "The word is the verdict after Holm's correction for all methods of a domain, so a bar "
        "that just misses zero can still be a tie. A tie means that these folds do not separate "
        "the two, not that they are equal. Point at a mark for the probabilities of being better, "
        "equal (within 0.01) and worse. Below three folds no bar is drawn. The mean counts every "
        "held-out domain once; its bar is a bootstrap over domains, folds and images, too short "
        "still with few domains, so it has no verdict.",
        n=grid_size(tables),
        variants=tuple(variants),
        lacking=f"Nothing to compare with {choice.reference} yet: `wbcray compare` trains the "
        "cells and opens their held-out counts.",
    )


def _drawn(tables: RunTables, choice: Choice, split: str) -> Drawn:
    board = leaderboard(tables, split, reference=choice.reference, score=choice.score)
    look = looks(tables.coloured, reference=choice.reference)
    return Drawn(figure=forest_figure(board, look, reference=choice.reference), numbers=board)


def _drawn_mean(tables: RunTables, choice: Choice, split: str) -> Drawn:
    means = across_intervals(tables, split, reference=choice.reference, score=choice.score)
    look = looks(tables.coloured, reference=choice.reference)
    return Drawn(figure=mean_figure(means, look, reference=choice.reference), numbers=means)


def forest_figure(board: pd.DataFrame, looks: dict[str, Look], *, reference: str) -> go.Figure:
    """Difference to the reference with its interval, one facet per held-out domain."""
    known = board[~board["verdict"].isin((REFERENCE, ORACLE)) & board["difference"].notna()]
    domains = list(known["held_out"].unique())
    methods = list(known.groupby("method")["difference"].mean().sort_values().index)
    # the interval of two folds is so wide that it would flatten all others
    told = ~known["verdict"].str.startswith(UNDECIDED)
    known = known.assign(low=known["low"].where(told), high=known["high"].where(told))
    figure = facets(domains)
    reach = _reach(known)
    for number, domain in enumerate(domains):
        rows = known[known["held_out"] == domain]
        figure.add_trace(_intervals(rows, looks, _told(rows), HOVER), **facet(number))
        figure.add_trace(_verdicts(rows, reach), **facet(number))
    height = (110 + ROW_HEIGHT * len(methods)) * facet_rows(domains) + 60
    _axes(figure, methods, reach=reach, room=_room(known["verdict"], len(domains)))
    return dressed(
        figure, f"Which differences to {label(reference)} are real?", height=max(height, 260)
    )


def mean_figure(means: pd.DataFrame, looks: dict[str, Look], *, reference: str) -> go.Figure:
    """The difference averaged over held-out domains; from `across_intervals`."""
    rows = means[means["difference"].notna()].sort_values("difference")
    methods = list(rows["method"])
    figure = facets([MEAN], prefix="")
    told = [
        [signed(d), interval(low, high), f"{many(int(n), 'domain')}, above in {above}"]
        for d, low, high, n, above in rows[
            ["difference", "low", "high", "domains", "above"]
        ].itertuples(index=False)
    ]
    figure.add_trace(_intervals(rows, looks, told, HOVER_MEAN), row=1, col=1)
    _axes(figure, methods, reach=_reach(rows), room=1.0)
    title = f"Which differences to {label(reference)} hold over domains?"
    return dressed(figure, title, height=max(170 + ROW_HEIGHT * len(methods), 260))


def _axes(figure: go.Figure, methods: list[str], *, reach: float, room: float) -> None:
    figure.update_xaxes(
        range=[-reach, reach * room],
        tickvals=ticks_about_zero(reach),
        zeroline=True,
        zerolinewidth=2,
    )
    figure.update_yaxes(
        categoryorder="array",
        categoryarray=[label(name) for name in methods],
        range=[-0.6, len(methods) - 0.4],
    )
    figure.update_layout(showlegend=False)


def _room(verdicts: "pd.Series[str]", domains: int) -> float:
    """Where the axis ends, in units of its reach, so that the longest verdict is right of it."""
    lines = [line for verdict in verdicts for line in str(verdict).split(" (")]
    letters = max(map(len, lines), default=0)
    # of the width of a facet
    share = min(letters * LETTER * min(COLUMNS, max(domains, 1)) / WIDTH, 0.5)
    return (VERDICT_AT + share) / (1 - share)


def _reach(rows: pd.DataFrame) -> float:
    """How far the axis goes to either side, in units of the score."""
    known = rows[["difference", "low", "high"]].abs().to_numpy(dtype=np.float64)
    return max(float(np.nanmax(known)) if known.size else 0.0, 0.01) * 1.1


def _told(rows: pd.DataFrame) -> list[list[str]]:
    return [
        [
            signed(row["difference"]),
            interval(row["low"], row["high"]),
            p_value(row["p"]),
            p_value(row["p_holm"]),
            *(probability(row[name]) for name in ("p_better", "p_equal", "p_worse")),
            str(row["tie_group"]),
            many(int(row["shared_folds"]), "shared fold"),
        ]
        for row in rows.to_dict("records")
    ]


def _intervals(
    rows: pd.DataFrame, looks: dict[str, Look], told: list[list[str]], hover: str
) -> go.Scatter:
    return go.Scatter(
        x=rows["difference"],
        y=[label(name) for name in rows["method"]],
        error_x={
            "array": (rows["high"] - rows["difference"]).tolist(),
            "arrayminus": (rows["difference"] - rows["low"]).tolist(),
            "color": ZERO,
            "thickness": 2,
            "width": 5,
        },
        customdata=told,
        mode="markers",
        marker={
            "size": 11,
            "color": [looks[name].color for name in rows["method"]],
            "symbol": [looks[name].symbol for name in rows["method"]],
        },
        hovertemplate=hover,
    )


def _verdicts(rows: pd.DataFrame, reach: float) -> go.Scatter:
    return go.Scatter(
        x=[reach * VERDICT_AT] * len(rows),
        y=[label(name) for name in rows["method"]],
        text=[str(word).replace(" (", "<br>(") for word in rows["verdict"]],
        mode="text",
        textposition="middle right",
        textfont={"size": SMALL},
        hoverinfo="skip",
    )


DIFFERENCES = View(anchor="differences", short="Differences", build=_panel)
