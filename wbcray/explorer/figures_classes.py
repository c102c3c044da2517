"""Figures about classes: which ones a method gets right, and what it mistakes them for."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.classes import ABSENT, FEWEST_IMAGES, TOO_FEW, ConfusionPair
from wbcray.explorer.style import DIFFERENCES, LEVELS, ROW_HEIGHT, SMALL, dressed, label
from wbcray.explorer.wording import MINUS, interval, number

Floats = npt.NDArray[np.float64]
Axes = tuple[list[str], list[str]]
"""Names along x and along y."""

FEW_CLASSES = 8
FEW_METHODS = 7
TINY = 8
SHOWN_SHARE = 0.005


def class_figure(rows: pd.DataFrame, *, place: str) -> go.Figure:
    """F1 of each class (rarest on top) and method; from `per_class`."""
    classes = list(dict.fromkeys(rows["class"]))
    methods = sorted(set(rows["method"]))
    images = rows.groupby("class")["images"].max()
    by_place = rows.set_index(["class", "method"])
    cells = [[by_place.loc[(name, method)] for method in methods] for name in classes]
    told = [[cell["state"] not in (ABSENT, TOO_FEW) for cell in row] for row in cells]
    across = [label(name) for name in methods]
    down = [_class_label(name, int(images[name])) for name in classes]
    figure = go.Figure()
    figure.add_heatmap(
        x=across,
        y=down,
        z=np.where(told, [[cell["f1"] for cell in row] for row in cells], np.nan),
        text=np.where(told, [[_cell_text(cell) for cell in row] for row in cells], ""),
        texttemplate="%{text}",
        customdata=[[_cell_hover(cell) for cell in row] for row in cells],
        hovertemplate="%{y}, %{x}<br>%{customdata}<extra></extra>",
        colorscale=LEVELS,
        zmin=0,
        zmax=1,
        colorbar={"title": {"text": "F1"}, "thickness": 12, "outlinewidth": 0},
        xgap=2,
        ygap=2,
    )
    # a heatmap colours its text for the square behind it, and here there is none
    figure.add_scatter(
        x=[across[j] for row in told for j, is_told in enumerate(row) if not is_told],
        y=[down[i] for i, row in enumerate(told) for is_told in row if not is_told],
        text=[_cell_text(c) for row in cells for c in row if c["state"] in (ABSENT, TOO_FEW)],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
    )
    question = f"Who helps the rare classes on {label(place)}?"
    figure = dressed(figure, question, height=150 + ROW_HEIGHT * len(classes))
    figure.update_yaxes(range=[len(classes) - 0.5, -0.5], showgrid=False)
    slant = 0 if len(methods) <= FEW_METHODS else -35
    figure.update_xaxes(
        range=[-0.5, len(methods) - 0.5], showgrid=False, side="top", tickangle=slant
    )
    return figure


def confusion_figure(pair: ConfusionPair, *, place: str) -> go.Figure:
    """Two confusion tables in shares of the true class, and the second minus the first."""
    names = [label(name) for name in pair.classes]
    rows = [_class_label(*item) for item in zip(pair.classes, pair.images, strict=True)]
    titles = [label(pair.first_name), label(pair.second_name)]
    figure = make_subplots(
        rows=1,
        cols=3,
        shared_yaxes=True,
        horizontal_spacing=0.025,
        subplot_titles=[*titles, f"{titles[1]} minus {titles[0]}"],
    )
    tables = [(pair.first, pair.counts_first), (pair.second, pair.counts_second)]
    for column, (shares, counts) in enumerate(tables, start=1):
        figure.add_trace(_levels((names, rows), shares, counts), row=1, col=column)
    measured = np.array(pair.images) >= FEWEST_IMAGES
    figure.add_trace(_difference((names, rows), pair.difference, measured), row=1, col=3)
    question = f"What does {titles[1]} trade on {label(place)}?"
    figure = dressed(figure, question, height=230 + max(24, 34 - len(names)) * len(names))
    few = len(names) <= FEW_CLASSES
    figure.update_traces(textfont={"size": SMALL if few else TINY})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_yaxes(title={"text": "true class", "standoff": 12}, col=1)
    ticks = {} if few else {"tickfont": {"size": SMALL}}
    figure.update_xaxes(
        tickangle=-45 if few else -90, showgrid=False, title_text="predicted class", **ticks
    )
    return figure


def _levels(axes: Axes, shares: Floats, counts: npt.NDArray[np.int64]) -> go.Heatmap:
    return go.Heatmap(
        x=axes[0],
        y=axes[1],
        z=shares,
        text=_percent(shares, sign=""),
        texttemplate="%{text}",
        customdata=counts,
        hovertemplate="true %{y}, predicted %{x}<br>%{z:.1%}, %{customdata} times<extra></extra>",
        colorscale=LEVELS,
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=1,
        ygap=1,
    )


def _difference(axes: Axes, difference: Floats, measured: npt.NDArray[np.bool_]) -> go.Heatmap:
    """The difference; classes with too few images do not set the scale of its colours."""
    rows = difference[measured]
    known = np.abs(rows[~np.isnan(rows)])
    reach = max(float(known.max(initial=0.0)), 0.05)
    return go.Heatmap(
        x=axes[0],
        y=axes[1],
        z=difference,
        text=_percent(difference, sign="+"),
        texttemplate="%{text}",
        hovertemplate="true %{y}, predicted %{x}<br>%{z:+.1%} of the true class<extra></extra>",
        colorscale=DIFFERENCES,
        zmid=0,
        zmin=-reach,
        zmax=reach,
        showscale=False,
        xgap=1,
        ygap=1,
    )


def _percent(values: Floats, *, sign: str) -> list[list[str]]:
    """Whole percents; nothing where the share is next to nothing, so that the rest stands out."""
    return [
        ["" if np.isnan(v) or abs(v) < SHOWN_SHARE else _whole(100 * v, sign) for v in row]
        for row in values
    ]


def _whole(percent: float, sign: str) -> str:
    return f"{percent:{sign}.0f}".replace("-", MINUS)


def _class_label(name: str, images: int) -> str:
    """A class with its number of images, and a warning where that is too small."""
    if images == 0:
        return f"{label(name)}  absent"
    few = ", too few" if images < FEWEST_IMAGES else ""
    return f"{label(name)}  n={images}{few}"


def _cell_text(cell: "pd.Series[Any]") -> str:
    if cell["state"] == ABSENT:
        return "absent"
    if cell["state"] == TOO_FEW:
        return f"n={cell['images']}"
    return number(float(str(cell["f1"])))


def _cell_hover(cell: "pd.Series[Any]") -> str:
    if cell["state"] == ABSENT:
        return "no image of it in this domain"
    if cell["state"] == TOO_FEW:
        return f"cannot be measured: n={cell['images']}"
    low, high, recall = (float(str(cell[name])) for name in ("low", "high", "recall"))
    return f"recall {number(recall)} (95 %: {interval(low, high)}), {cell['images']} images"
