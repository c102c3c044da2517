"""Had training settled?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.axis_range import around
from wbcray.explorer.look.band import band
from wbcray.explorer.look.style import (
    Look,
    back_to_front,
    dressed,
    label,
    looks,
    with_others_behind,
)
from wbcray.explorer.look.traces import Traces
from wbcray.explorer.numbers.in_front import in_front, in_front_note
from wbcray.explorer.numbers.trials import learning_curves
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import UNSEEN, RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size

_FEW_EPOCHS = 12
_HOVER = ", %{x} epochs: %{y:.3f} (%{customdata} cells)<extra></extra>"


def _panel(tables: RunTables, choice: Choice) -> Panel:
    there = set(tables.curves["held_out"])
    return Panel(
        question="Had training settled?",
        how_to_read="Left: macro F1 on source validation after each epoch, the mean of all folds "
        "and seeds, and their range as a band. Trainings end early when they stop improving, so "
        "later epochs rest on fewer of them. Right, where it was opened: macro F1 of the best "
        "epoch's networks on the domain that was held out, mean and range over folds. No epoch "
        "was chosen by it." + in_front_note(tables),
        n=grid_size(tables),
        variants=tuple(
            Variant(label=f"{held_out} held out", draw=partial(_drawn, tables, choice, held_out))
            for held_out in tables.held_out
            if held_out in there
        ),
        lacking="No cell is recorded yet.",
    )


def _drawn(tables: RunTables, choice: Choice, held_out: str) -> Drawn:
    rows = learning_curves(tables, held_out=held_out)
    scores = fold_scores(tables, UNSEEN)
    grouped = scores[scores["held_out"] == held_out].groupby("method")["macro_f1"]
    away = grouped.agg(mean="mean", low="min", high="max", cells="size").reset_index()
    look = looks(tables.coloured, reference=choice.reference)
    look = with_others_behind(look, in_front(tables, choice))
    figure = curves_figure(rows, away, look, held_out=held_out)
    numbers = pd.concat([rows.assign(split="validation"), away.assign(split=UNSEEN)])
    return Drawn(figure=figure, numbers=numbers)


def curves_figure(
    curves: pd.DataFrame, away: pd.DataFrame, looks: dict[str, Look], *, held_out: str
) -> go.Figure:
    """Macro F1 by epoch at home, and where the best epochs end up away from home.

    `curves` is from `learning_curves`; `away` has `method`, `mean`, `low`, `high`, and may be
    empty.
    """
    figure = make_subplots(
        rows=1,
        cols=1 if away.empty else 2,
        column_widths=None if away.empty else [0.8, 0.2],
        horizontal_spacing=0.09,
    )
    traces = Traces()
    for method in back_to_front(set(curves["method"]), looks):
        rows = curves[curves["method"] == method]
        for trace in _lines(rows, looks[method], label(method)):
            traces.add(trace)
    for place, row in enumerate(away.to_dict("records")):
        look = looks[str(row["method"])]
        trace = go.Scatter(
            x=[place],
            y=[row["mean"]],
            error_y={
                "symmetric": False,
                "array": [row["high"] - row["mean"]],
                "arrayminus": [row["mean"] - row["low"]],
                "thickness": 1.5,
                "width": 3,
            },
            mode="markers",
            legendgroup=label(row["method"]),
            showlegend=False,
            marker={"color": look.color, "symbol": look.symbol, "size": 6 if look.faint else 9},
            hovertemplate=f"{label(row['method'])}: %{{y:.3f}}<extra></extra>",
        )
        traces.add(trace, col=2)
    traces.into(figure)
    question = f"Had training settled with {label(held_out)} held out?"
    figure = dressed(figure, question, height=420)
    most = int(curves["epoch"].max()) + 1 if len(curves) else 1
    ticks = {"dtick": 1} if most <= _FEW_EPOCHS else {"nticks": _FEW_EPOCHS}
    figure.update_xaxes(title_text="epochs trained", range=[0.5, most + 0.5], col=1, **ticks)
    figure.update_yaxes(title_text="validation macro F1", col=1)
    if not away.empty:
        figure.update_xaxes(
            title_text=f"unseen {label(held_out)}",
            showticklabels=False,
            showgrid=False,
            zeroline=False,
            range=[-0.7, len(away) - 0.3],
            col=2,
        )
        figure.update_yaxes(title_text="macro F1 of the best epoch", nticks=6, col=2)
        ends = (away[name] for name in ("low", "mean", "high"))
        figure.update_yaxes(range=around(*ends), col=2)
    return figure


def _lines(rows: pd.DataFrame, look: Look, name: str) -> list[go.Scatter]:
    epochs = (rows["epoch"] + 1).tolist()
    low, high = rows["low"].tolist(), rows["high"].tolist()
    return [
        *([] if look.faint else [band(epochs, low, high, look, group=name)]),
        go.Scatter(
            x=epochs,
            y=rows["mean"].tolist(),
            customdata=rows["cells"].tolist(),
            mode="lines" if look.faint else "lines+markers",
            name=name,
            legendgroup=name,
            showlegend=not look.faint,
            line={"color": look.color, "width": 1 if look.faint else 2.5},
            marker={"symbol": look.symbol, "size": 6},
            hovertemplate=name + _HOVER,
        ),
    ]


CURVES = View(anchor="curves", short="Learning curves", build=_panel)
