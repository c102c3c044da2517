"""Figures about classes: which ones a method gets right, and what it mistakes them for."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.classes import ABSENT, FEWEST_IMAGES, TOO_FEW, ConfusionPair
from wbcray.explorer.style import DIFFERENCES, LEVELS, SMALL, dressed, label
from wbcray.explorer.wording import MINUS, interval, number

Floats = npt.NDArray[np.float64]
Axes = tuple[list[str], list[str]]
"""Names along x and along y."""

ROW_HEIGHT = 34
FEW_CLASSES = 8
SHOWN_SHARE = 0.005


def images_figure(images: pd.DataFrame) -> go.Figure:
    """Images per domain and class on a logarithmic colour; from `images_of_classes`."""
    values = images.to_numpy(dtype=np.float64)
    logs = np.log10(values, out=np.full(values.shape, np.nan), where=values > 0)
    text = [
        ["?" if np.isnan(v) else "none" if v == 0 else f"{v:,.0f}" for v in row] for row in values
    ]
    figure = go.Figure()
    figure.add_heatmap(
        x=[label(name) for name in images.columns],
        y=[label(name) for name in images.index],
        z=np.where(np.isnan(logs), -0.01, logs),
        text=text,
        texttemplate="%{text}",
        colorscale=LEVELS,
        zmin=0,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}: %{text} images<extra></extra>",
    )
    height = 170 + ROW_HEIGHT * len(images)
    figure = dressed(figure, "How skewed are the data?", height=height)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False)
    return figure


def class_figure(rows: pd.DataFrame, *, place: str) -> go.Figure:
    """F1 of each class (rarest on top) and method; from `per_class`."""
    classes = list(dict.fromkeys(rows["class"]))
    methods = sorted(set(rows["method"]))
    images = rows.groupby("class")["images"].max()
    by_place = rows.set_index(["class", "method"])
    cells = [[by_place.loc[(name, method)] for method in methods] for name in classes]
    figure = go.Figure()
    figure.add_heatmap(
        x=[label(name) for name in methods],
        y=[_class_label(name, int(images[name])) for name in classes],
        z=[
            [np.nan if cell["state"] in (ABSENT, TOO_FEW) else cell["f1"] for cell in row]
            for row in cells
        ],
        text=[[_cell_text(cell) for cell in row] for row in cells],
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
    question = f"Who helps the rare classes on {label(place)}?"
    figure = dressed(figure, question, height=150 + ROW_HEIGHT * len(classes))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, side="top")
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
    figure.update_traces(textfont={"size": SMALL if len(names) <= FEW_CLASSES else 8})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_yaxes(title_text="true class", col=1)
    figure.update_xaxes(tickangle=-45, showgrid=False, title_text="predicted class")
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
        [
            ""
            if np.isnan(v) or abs(v) < SHOWN_SHARE
            else f"{100 * v:{sign}.0f}".replace("-", MINUS)
            for v in row
        ]
        for row in values
    ]


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
