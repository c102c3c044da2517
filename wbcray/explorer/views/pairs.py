"""Where is the optimum of two settings?"""

from collections.abc import Sequence
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.parameter_axes import plot_axis
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import FONT_SIZE, LEVELS, dressed, label
from wbcray.explorer.numbers.importance import FEWEST, importances
from wbcray.explorer.numbers.surface import smoothed
from wbcray.explorer.numbers.trials import complete_trials, objective_of, sampled
from wbcray.explorer.reading.parameters import (
    Floats,
    Parameter,
    searched_dimensions,
    varied_parameters,
)
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many

MOST = 1000


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    complete = complete_trials(tables.trials)
    return Panel(
        question="Where is the optimum of two settings?",
        how_to_read="Each mark is a complete trial at the values of the two most important "
        "settings that are numbers; dark is a high value of what was maximised, the ring is the "
        "best trial. The surface is a smooth mean of the trials near by, drawn only where there "
        "are some. It averages over all other settings, so a hill is a hint, not a law.",
        n=many(len(complete), "complete trial"),
        variants=tuple(
            Variant(
                label=f"{method}, {held_out} held out",
                draw=partial(_drawn, tables, str(method), str(held_out)),
            )
            for (method, held_out), rows in complete.groupby(["method", "held_out"])
            if _pairs(rows, varied_parameters(rows))
        ),
        lacking=f"No search has {FEWEST} complete trials and two settings that are numbers yet: "
        "`wbcray tune --trials 30` makes one.",
    )


def _pairs(
    trials: pd.DataFrame, parameters: Sequence[Parameter]
) -> list[tuple[Parameter, Parameter]]:
    """Pairs of settings that are numbers and occur together in trials enough, in their order."""
    numbers = [one for one in parameters if not one.choices]
    there = {one.name: trials[one.column].notna() for one in numbers}
    return [
        (one, other)
        for one, other in combinations(numbers, 2)
        if int((there[one.name] & there[other.name]).sum()) >= FEWEST
    ]


def _drawn(tables: RunTables, method: str, held_out: str) -> Drawn:
    rows = complete_trials(tables.trials)
    rows = rows[(rows["method"] == method) & (rows["held_out"] == held_out)]
    searched = searched_dimensions(tables, method=method, held_out=held_out)
    weights = importances(tables, method=method, held_out=held_out).shares
    known = varied_parameters(rows, searched)
    ranked = sorted(known, key=lambda one: -weights.get(one.name, 0.0))
    across, up = _pairs(rows, ranked)[0]
    numbers = rows[["trial", "value", across.column, up.column]].dropna()
    figure = _figure(
        numbers,
        across,
        up,
        title=f"Where is the optimum of two settings of {label(method)}, "
        f"{label(held_out)} held out?",
        objective=objective_of(tables, method=method, held_out=held_out),
    )
    return Drawn(figure=figure, numbers=numbers.sort_values("value", ascending=False))


def _figure(
    trials: pd.DataFrame, across: Parameter, up: Parameter, *, title: str, objective: str
) -> go.Figure:
    value = trials["value"].to_numpy(dtype=np.float64)
    grid, surface = smoothed(_shares(across, trials), _shares(up, trials), value)
    # A few poor trials must not take all of the scale.
    low, high = float(np.quantile(value, 0.1)), float(value.max())
    scale = {"zmin": low, "zmax": max(high, low + 1e-9), "colorscale": LEVELS}
    figure = go.Figure()
    figure.add_contour(
        x=_values(across, trials, grid),
        y=_values(up, trials, grid),
        z=surface.tolist(),
        **scale,
        contours={"coloring": "fill", "showlines": False},
        opacity=0.8,
        colorbar={
            "title": {"text": objective, "side": "right", "font": {"size": FONT_SIZE}},
            "thickness": 12,
            "outlinewidth": 0,
            "tickformat": ".2f" if high - low > 0.05 else ".3f",  # noqa: PLR2004  # ticks differ
        },
        hoverinfo="skip",
    )
    shown = sampled(trials, MOST)
    best = trials.loc[[trials["value"].idxmax()]]
    hover = "trial %{customdata[0]}: %{customdata[1]:.3f} at %{x:.3~g}, %{y:.3~g}<extra></extra>"
    for rows, mark in (
        (
            shown,
            {
                "color": shown["value"].tolist(),
                "cmin": low,
                "cmax": scale["zmax"],
                "colorscale": LEVELS,
                "size": 8,
                "line": {"width": 1, "color": "#6b7680"},
            },
        ),
        (
            best,
            {
                "symbol": "circle-open",
                "size": 17,
                "color": "#d95f02",
                "line": {"width": 3, "color": "#d95f02"},
            },
        ),
    ):
        figure.add_scatter(
            x=rows[across.column].tolist(),
            y=rows[up.column].tolist(),
            customdata=rows[["trial", "value"]].to_numpy().tolist(),
            mode="markers",
            marker=mark,
            showlegend=False,
            hovertemplate=hover,
        )
    hidden = len(trials) - len(shown)
    remark = f"{hidden:,} trials are not drawn; the numbers have them all" if hidden else ""
    figure = remarked(dressed(figure, title, height=480), remark)
    figure.update_xaxes(title_text=label(across.name), **plot_axis(across))
    figure.update_yaxes(title_text=label(up.name), **plot_axis(up))
    return figure


def _shares(parameter: Parameter, trials: pd.DataFrame) -> Floats:
    """Where the trials lie on the scale of a setting, from 0 to 1."""
    positions = parameter.positions(trials)
    low, high = parameter.span(positions)
    return (positions - low) / (high - low)


def _values(parameter: Parameter, trials: pd.DataFrame, shares: Floats) -> list[float]:
    """The values at these places of the scale of a setting."""
    low, high = parameter.span(parameter.positions(trials))
    places = low + shares * (high - low)
    return [float(value) for value in (10**places if parameter.log else places)]


PAIRS = View(anchor="pairs", short="Pairs of settings", build=_panel)
