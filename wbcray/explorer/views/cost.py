"""At what price?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.axis_range import around
from wbcray.explorer.look.durations import unit_of
from wbcray.explorer.look.style import ZERO, Look, dressed, label, looks
from wbcray.explorer.look.traces import Traces
from wbcray.explorer.numbers.cost import costs, pareto
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size, measured, place_name

_TITLES = {
    "training_hours": "of one training of the selected configuration",
    "search_hours": "of the whole search",
}
_WIDE = 20
"""Hours that differ by more than this factor are drawn on a log axis."""


def _panel(tables: RunTables, choice: Choice) -> Panel:
    return Panel(
        question="At what price?",
        how_to_read="The score of each method against what it cost: left one training, right all "
        "trials of its search, those that were stopped early too. Bars are standard deviations "
        "over folds. The dotted line joins methods that no other one beats in the same time or "
        "less. Time is wall time and depends on the machine and on what else ran there.",
        n=grid_size(tables),
        variants=tuple(
            Variant(
                label=place_name(split, held_out),
                draw=partial(_drawn, tables, choice, split, held_out),
            )
            for split, held_out in measured(tables)
        ),
        lacking="No cell is recorded yet: `wbcray compare` trains them.",
    )


def _drawn(tables: RunTables, choice: Choice, split: str, held_out: str) -> Drawn:
    numbers = costs(tables, split, held_out=held_out, score=choice.score)
    for column in _TITLES:
        best = pareto(numbers[column].tolist(), numbers["mean"].tolist())
        numbers[f"unbeaten_by_{column}"] = numbers.index.isin(best)
    look = looks(tables.coloured, reference=choice.reference)
    score = choice.score.replace("_", " ").replace("f1", "F1")
    title = f"At what price ({label(place_name(split, held_out))})?"
    return Drawn(figure=_figure(numbers, look, title=title, score=score), numbers=numbers)


def _figure(numbers: pd.DataFrame, looks: dict[str, Look], *, title: str, score: str) -> go.Figure:
    shown = [name for name in _TITLES if numbers[name].notna().any()]
    figure = make_subplots(
        rows=1, cols=max(1, len(shown)), shared_yaxes=True, horizontal_spacing=0.05
    )
    traces = Traces()
    units = {column: unit_of(numbers[column]) for column in shown}
    for place, column in enumerate(shown):
        unit = units[column]
        line = numbers.loc[numbers[f"unbeaten_by_{column}"]].sort_values(column)
        front = go.Scatter(
            x=(line[column] * unit.per_hour).tolist(),
            y=line["mean"].tolist(),
            mode="lines",
            line={"color": ZERO, "dash": "dot", "width": 1.5},
            showlegend=False,
            hoverinfo="skip",
        )
        traces.add(front, col=place + 1)
        for row in numbers.dropna(subset=[column]).sort_values("method").to_dict("records"):
            look = looks[str(row["method"])]
            name = label(row["method"])
            trace = go.Scatter(
                x=[row[column] * unit.per_hour],
                y=[row["mean"]],
                error_y={"array": [row["std"]], "thickness": 1.2, "width": 3, "color": look.color},
                mode="markers",
                name=name,
                legendgroup=name,
                showlegend=place == 0,
                marker={"color": look.color, "symbol": look.symbol, "size": 11},
                hovertemplate=f"{name}: %{{y:.3f}} for %{{x:.3~g}} {unit.short}<extra></extra>",
            )
            traces.add(trace, col=place + 1)
    traces.into(figure)
    figure = dressed(figure, title, height=440)
    for place, column in enumerate(shown):
        hours = numbers[column].dropna()
        wide = float(hours.min()) > 0 and float(hours.max() / hours.min()) > _WIDE
        scale = {"type": "log"} if wide else {"rangemode": "tozero"}
        figure.update_xaxes(nticks=6, col=place + 1, **scale)
        figure.update_xaxes(title_text=f"{units[column].name} {_TITLES[column]}", col=place + 1)
    figure.update_yaxes(title_text=score, col=1)
    spread = numbers["std"].fillna(0)
    figure.update_yaxes(range=around(numbers["mean"] - spread, numbers["mean"] + spread))
    return figure


COST = View(anchor="cost", short="Cost", build=_panel)
