"""Which dangerous classes are read as benign, and what do mistakes cost?"""

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.core.hematology import COSTS_NOTE
from wbcray.explorer.choice import Choice
from wbcray.explorer.look.legend import placed
from wbcray.explorer.look.style import ROW_HEIGHT, ZERO, Look, dressed, label, looks
from wbcray.explorer.numbers.critical import (
    ANY_BENIGN,
    cost_scores,
    critical_confusions,
    has_critical,
)
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, measured, place_name
from wbcray.explorer.wording import number

SPREAD = 0.6
"""Of a row's height, that the methods of one class share."""


def _panel(tables: RunTables, choice: Choice) -> Panel:
    there = has_critical(tables.facts.classes)
    places = measured(tables) if there else []
    return Panel(
        question="Which dangerous classes are read as benign, and what do mistakes cost?",
        how_to_read="First figure: of the images of a class that must not be overlooked, the share "
        "that was given a class nobody would be told of, with its 95 % Wilson interval by images; "
        "further left is better. Second: the mean cost of a mistake, each class weighing the same, "
        "with a 95 % bootstrap interval by images; less is better, 0 is no mistake. "
        f"{COSTS_NOTE}. Classes with fewer than 5 images do not count. Training noise is not in "
        "the bars; the numbers have its standard deviation.",
        n="images counted once; answers of folds and seeds averaged",
        variants=tuple(
            Variant(label=f"{place_name(split, held_out)}: {what}", draw=partial(draw, *given))
            for split, held_out in places
            for given in [(tables, choice, split, held_out)]
            for what, draw in (("read as benign", _drawn_list), ("cost", _drawn_cost))
        ),
        lacking="No cell is recorded yet: `wbcray compare` trains them."
        if there
        else "None of the run's classes is a blast, a promyelocyte or an atypical lymphocyte: "
        "`classes: canonical13` in wbcray.yaml has them.",
    )


def _drawn_list(tables: RunTables, choice: Choice, split: str, held_out: str) -> Drawn:
    rows = critical_confusions(tables, split, held_out=held_out)
    if choice.classes:
        rows = rows[rows["true"].isin(choice.classes)]
    look = looks(tables.coloured, reference=choice.reference)
    return Drawn(figure=benign_figure(rows, look, place=place_name(split, held_out)), numbers=rows)


def _drawn_cost(tables: RunTables, choice: Choice, split: str, held_out: str) -> Drawn:
    rows = cost_scores(tables, split, held_out=held_out)
    look = looks(tables.coloured, reference=choice.reference)
    return Drawn(figure=cost_figure(rows, look, place=place_name(split, held_out)), numbers=rows)


def benign_figure(rows: pd.DataFrame, look: dict[str, Look], *, place: str) -> go.Figure:
    """Share of each critical class read as benign, per method; from `critical_confusions`."""
    together = rows[rows["predicted"] == ANY_BENIGN]
    classes = list(dict.fromkeys(together.sort_values("images")["true"]))
    methods = sorted(set(together["method"]))
    images = together.groupby("true")["images"].max()
    figure = go.Figure()
    for place_of_method, method in enumerate(methods):
        block = together[together["method"] == method]
        shift = (place_of_method - (len(methods) - 1) / 2) * SPREAD / max(len(methods), 1)
        figure.add_scatter(
            x=block["share"],
            y=[classes.index(name) + shift for name in block["true"]],
            error_x=_bars(block["share"], block["low"], block["high"]),
            mode="markers",
            marker={"color": look[method].color, "symbol": look[method].symbol, "size": 9},
            name=label(method),
            customdata=[_told(rows, row) for row in block.to_dict("records")],
            hovertemplate="%{fullData.name}<br>%{customdata}<extra></extra>",
        )
    question = f"How much of what must not be overlooked is read as benign on {label(place)}?"
    height = 160 + len(classes) * max(ROW_HEIGHT * 2, 16 * len(methods))
    figure = placed(dressed(figure, question, height=height), len(methods))
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%", title_text="read as benign")
    figure.update_yaxes(
        tickvals=list(range(len(classes))),
        ticktext=[f"{label(name)}  n={images[name]}" for name in classes],
        range=[len(classes) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
    )
    return figure


def cost_figure(rows: pd.DataFrame, look: dict[str, Look], *, place: str) -> go.Figure:
    """The class-balanced mean cost of every method, cheapest on top; from `cost_scores`."""
    figure = go.Figure()
    figure.add_scatter(
        x=rows["cost"],
        y=[label(name) for name in rows["method"]],
        error_x=_bars(rows["cost"], rows["low"], rows["high"]) | {"color": ZERO},
        mode="markers",
        marker={
            "color": [look[name].color for name in rows["method"]],
            "symbol": [look[name].symbol for name in rows["method"]],
            "size": 10,
        },
        showlegend=False,
        customdata=[
            f"cost {number(row['cost'])} (95 %: {number(row['low'])} to {number(row['high'])})<br>"
            f"sd over {row['cells']} cells {number(row['std_cells'])}, {row['classes']} classes"
            for row in rows.to_dict("records")
        ],
        hovertemplate="%{y}<br>%{customdata}<extra></extra>",
    )
    question = f"What do mistakes cost on {label(place)}?"
    figure = dressed(figure, question, height=130 + ROW_HEIGHT * max(len(rows), 2))
    figure.update_xaxes(rangemode="tozero", title_text="mean cost of an image, classes weigh alike")
    figure.update_yaxes(range=[len(rows) - 0.4, -0.6], showgrid=False)
    return figure


def _bars(
    middle: "pd.Series[float]", low: "pd.Series[float]", high: "pd.Series[float]"
) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": np.maximum(high - middle, 0),
        "arrayminus": np.maximum(middle - low, 0),
        "thickness": 1.4,
        "width": 0,
    }


def _told(rows: pd.DataFrame, row: dict[object, object]) -> str:
    own = (rows["method"] == row["method"]) & (rows["true"] == row["true"])
    parts = [
        f"{label(one['predicted'])} {one['share']:.1%}"
        for one in rows[own & (rows["predicted"] != ANY_BENIGN)].to_dict("records")
    ]
    whole, low, high = (float(str(row[name])) for name in ("share", "low", "high"))
    first = f"{label(row['true'])} read as benign {whole:.1%} (95 %: {low:.1%} to {high:.1%})"
    return "<br>".join([f"{first}, {row['images']} images", *parts, label(row["reason"])])


CRITICAL = View(anchor="critical", short="Critical confusions", build=_panel)
