"""Figures about the search: learning curves, single hyper-parameters, all of them together."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.style import LINES, SYMBOLS, Look, dressed, label
from wbcray.explorer.trials import VALIDATION_MACRO, Parameter, varied_parameters

COLUMNS = 3
TICKS = 6
MOST_AXES = 8
HOVER_EPOCH = ", epoch %{x}: %{y:.3f} (%{customdata} cells)<extra></extra>"


def curves_figure(curves: pd.DataFrame, looks: dict[str, Look], *, held_out: str) -> go.Figure:
    """Validation macro F1 by epoch: mean of the cells and their range; from `learning_curves`."""
    figure = go.Figure()
    for method, rows in curves.groupby("method"):
        look = looks[str(method)]
        name = label(method)
        figure.add_scatter(
            x=[*rows["epoch"], *rows["epoch"][::-1]],
            y=[*rows["high"], *rows["low"][::-1]],
            fill="toself",
            fillcolor=look.color,
            opacity=0.1,
            line={"width": 0},
            mode="lines",
            legendgroup=name,
            showlegend=False,
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=rows["epoch"],
            y=rows["mean"],
            customdata=rows["cells"],
            mode="lines+markers",
            name=name,
            legendgroup=name,
            line={"color": look.color, "width": 2.5},
            marker={"symbol": look.symbol, "size": 6},
            hovertemplate=name + HOVER_EPOCH,
        )
    question = f"Had training settled with {label(held_out)} held out?"
    figure = dressed(figure, question, height=420)
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(title_text="validation macro F1")
    return figure


def slices_figure(
    trials: pd.DataFrame, *, method: str, objective: str = VALIDATION_MACRO
) -> go.Figure:
    """Validation score against each varied hyper-parameter, one mark per complete trial."""
    complete = trials[trials["value"].notna()]
    parameters = varied_parameters(complete)
    rows = max(1, -(-len(parameters) // COLUMNS))
    columns = max(1, min(COLUMNS, len(parameters)))
    figure = make_subplots(
        rows=rows,
        cols=columns,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        vertical_spacing=0.28 / rows,
    )
    domains = list(dict.fromkeys(complete["held_out"]))
    shades = _shades(len(domains))
    for place, parameter in enumerate(parameters):
        at = {"row": place // COLUMNS + 1, "col": place % COLUMNS + 1}
        for number, domain in enumerate(domains):
            found = complete[complete["held_out"] == domain].dropna(subset=[parameter.column])
            figure.add_trace(
                _points(found, parameter, domain=domain, color=shades[number], first=place == 0),
                **at,
            )
        figure.update_xaxes(title_text=label(parameter.name), **at)
        figure.update_xaxes(**_axis(parameter), **at)
    question = f"Which settings suit {label(method)}?"
    figure = dressed(figure, question, height=250 * rows + 90)
    figure.update_yaxes(title_text=objective, col=1)
    return figure


def parallel_figure(
    trials: pd.DataFrame, *, method: str, held_out: str, objective: str = VALIDATION_MACRO
) -> go.Figure:
    """Every complete trial as a line through its hyper-parameters, orange for a good score."""
    complete = trials[trials["value"].notna()]
    parameters = varied_parameters(complete)[: MOST_AXES - 1]
    whole = complete.dropna(subset=[p.column for p in parameters])
    shown = objective.removeprefix("validation ")
    score = {"label": shown, "values": whole["value"].tolist(), "tickformat": ".2f"}
    figure = go.Figure()
    figure.add_parcoords(
        dimensions=[*(_dimension(whole, parameter) for parameter in parameters), score],
        line={
            "color": whole["value"].tolist(),
            "colorscale": LINES,
            "showscale": False,
        },
        labelangle=0,
        labelside="top",
    )
    question = f"Which settings of {label(method)} go together with {label(held_out)} held out?"
    figure = dressed(figure, question, height=420)
    # Plotly draws the axes' end values outside the plot
    figure.update_layout(margin={"l": 90, "r": 60, "t": 80, "b": 60})
    return figure


def _points(
    rows: pd.DataFrame, parameter: Parameter, *, domain: str, color: str, first: bool
) -> go.Scatter:
    values = rows[parameter.column]
    symbol = SYMBOLS[0]
    return go.Scatter(
        x=[label(v) for v in values] if parameter.choices else values.tolist(),
        y=rows["value"].tolist(),
        customdata=rows["trial"].tolist(),
        mode="markers",
        name=f"held out: {label(domain)}",
        legendgroup=domain,
        showlegend=first,
        marker={"color": color, "size": 7, "opacity": 0.75, "symbol": symbol},
        hovertemplate="trial %{customdata}: %{y:.3f} at %{x}<extra></extra>",
    )


def _shades(count: int) -> list[str]:
    """Colours of held-out domains; unlike the methods' ones, so that the two are not confused."""
    palette = ("#5b7fc7", "#e07a5f", "#6a994e", "#bc6c25", "#8f7fd0", "#3a9fb0")
    return [palette[number % len(palette)] for number in range(count)]


def _axis(parameter: Parameter) -> dict[str, object]:
    """The x axis that suits a hyper-parameter."""
    if parameter.choices:
        names = [label(name) for name in parameter.choices]
        edges = [-0.5, len(names) - 0.5]
        return {"type": "category", "categoryarray": names, "range": edges}
    scale: dict[str, object] = {"type": "log" if parameter.log else "linear"}
    if parameter.steps:
        return scale | {"tickvals": parameter.steps}
    return scale | ({"dtick": 1, "exponentformat": "power"} if parameter.log else {})


def _dimension(rows: pd.DataFrame, parameter: Parameter) -> dict[str, object]:
    values = rows[parameter.column]
    if parameter.choices:
        codes = {name: place for place, name in enumerate(parameter.choices)}
        return {
            "label": label(parameter.name),
            "values": [codes[str(value)] for value in values],
            "tickvals": list(codes.values()),
            "ticktext": [label(name) for name in codes],
        }
    numbers = values.to_numpy(dtype=np.float64)
    if not parameter.log:
        ticks = {"tickvals": list(parameter.steps)} if parameter.steps else {}
        return {"label": label(parameter.name), "values": numbers.tolist(), **ticks}
    logs = np.log10(numbers)
    places = _decades(float(logs.min()), float(logs.max()))
    return {
        "label": label(parameter.name),
        "values": logs.tolist(),
        "tickvals": places,
        "ticktext": [f"{10**place:.2g}" for place in places],
    }


def _decades(low: float, high: float) -> list[float]:
    """Ticks of a log axis: both ends and the powers of ten between, none on top of another."""
    inner = [float(tick) for tick in range(int(np.ceil(low)), int(np.floor(high)) + 1)]
    apart = (high - low) / TICKS
    inner = [tick for tick in inner if low + apart / 2 < tick < high - apart / 2]
    return [low, *inner, high]
