"""Is the differential count right?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.legend import placed
from wbcray.explorer.look.style import (
    GRID,
    REFERENCE_COLOR,
    ROW_HEIGHT,
    Look,
    dressed,
    label,
    looks,
)
from wbcray.explorer.look.traces import Traces
from wbcray.explorer.numbers.differential import differential_count
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, measured, place_name
from wbcray.explorer.wording import signed


def _panel(tables: RunTables, choice: Choice) -> Panel:
    return Panel(
        question="Is the differential count right?",
        how_to_read="Left: the share of each class in the images of this place. Right: the share "
        "that a method's answers give it, minus the true one, in percentage points; marks right of "
        "zero mean that the class is counted too often. Mistakes that cancel out do not show, and "
        "these are the shares of a data set, not of a patient's blood.",
        n="images counted once; answers of folds and seeds averaged",
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
    rows = differential_count(tables, split, held_out=held_out)
    if choice.classes:
        rows = rows[rows["class"].isin(choice.classes)]
    look = looks(tables.coloured, reference=choice.reference)
    figure = differential_figure(rows, look, place=place_name(split, held_out))
    return Drawn(figure=figure, numbers=rows)


def differential_figure(rows: pd.DataFrame, look: dict[str, Look], *, place: str) -> go.Figure:
    """True shares, and how far each method's answers are off; from `differential_count`."""
    classes = list(dict.fromkeys(rows["class"]))
    down = {name: label(name) for name in classes}
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, column_widths=[0.3, 0.7], horizontal_spacing=0.04
    )
    one = rows.drop_duplicates("class")
    figure.add_bar(
        x=one["true_share"],
        y=[down[name] for name in one["class"]],
        orientation="h",
        marker={"color": REFERENCE_COLOR},
        text=[f"{share:.1%}" for share in one["true_share"]],
        textposition="auto",
        customdata=one["images"],
        hovertemplate="%{y}: %{customdata} images, %{x:.2%}<extra></extra>",
        showlegend=False,
        row=1,
        col=1,
    )
    traces = Traces()
    for method in sorted(set(rows["method"])):
        block = rows[rows["method"] == method]
        trace = go.Scatter(
            x=100 * block["difference"],
            y=[down[name] for name in block["class"]],
            mode="markers",
            marker={"color": look[method].color, "symbol": look[method].symbol, "size": 9},
            name=label(method),
            customdata=[
                f"{row['predicted_share']:.2%} instead of {row['true_share']:.2%}, "
                f"{signed(100 * row['difference'], 1)} points"
                for row in block.to_dict("records")
            ],
            hovertemplate="%{y}, %{fullData.name}<br>%{customdata}<extra></extra>",
        )
        traces.add(trace, col=2)
    traces.into(figure)
    question = f"Is the differential count right on {label(place)}?"
    figure = dressed(figure, question, height=170 + ROW_HEIGHT * max(len(classes), 2))
    figure = placed(figure, rows["method"].nunique())
    figure.update_yaxes(autorange="reversed", showgrid=True, gridcolor=GRID)
    figure.update_xaxes(title_text="true share", tickformat=".0%", col=1)
    figure.update_xaxes(title_text="answered minus true, percentage points", col=2)
    return figure


DIFFERENTIAL = View(anchor="differential", short="Differential count", build=_panel)
