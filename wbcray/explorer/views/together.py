"""Which settings go together?"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.parameter_axes import TICKS, parallel_axis
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import LINES, SMALL, dressed, label
from wbcray.explorer.numbers.importance import importances
from wbcray.explorer.numbers.trials import complete_trials, objective_of, sampled, trial_table
from wbcray.explorer.reading.parameters import Parameter, searched_dimensions, varied_parameters
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many

MOST_LINES = 2000
MOST_AXES = 8
_CLOSE = 0.05
_NAMES = 84
"""Room for the slanted names of the axes, pixels."""


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    complete = complete_trials(tables.trials)
    return Panel(
        question="Which settings go together?",
        how_to_read="Each line is a complete trial, grey for a low and orange for a high value of "
        "what was maximised (last axis). Drag along an axis to keep only the lines through that "
        "range; drag a name to move its axis. Axes span what was searched, the most important "
        "setting first; with more than seven settings the others are in the numbers alone.",
        n=many(len(complete), "complete trial"),
        variants=tuple(
            Variant(
                label=f"{method}, {held_out} held out",
                draw=partial(_drawn, tables, str(method), str(held_out)),
            )
            for (method, held_out), rows in complete.groupby(["method", "held_out"])
            if varied_parameters(rows)
        ),
        lacking="No search with two complete trials yet: `wbcray tune` makes one.",
    )


def _drawn(tables: RunTables, method: str, held_out: str) -> Drawn:
    numbers = trial_table(tables, method=method, held_out=held_out, complete=True)
    searched = searched_dimensions(tables, method=method, held_out=held_out)
    parameters = varied_parameters(numbers, searched)
    weights = importances(tables, method=method, held_out=held_out).shares
    ranked = sorted(parameters, key=lambda one: -weights.get(one.name, 0.0))
    figure = parallel_figure(
        sampled(numbers, MOST_LINES),
        ranked[: MOST_AXES - 1],
        title=f"Which settings of {label(method)} go together with {label(held_out)} held out?",
        objective=objective_of(tables, method=method, held_out=held_out),
        hidden=max(0, len(numbers) - MOST_LINES),
    )
    return Drawn(figure=figure, numbers=numbers)


def parallel_figure(
    trials: pd.DataFrame,
    parameters: Sequence[Parameter],
    *,
    title: str,
    objective: str,
    hidden: int = 0,
) -> go.Figure:
    """Every complete trial as a line through its settings, orange for a good score.

    `hidden` is how many trials were left out of `trials`.
    """
    # The best lines are drawn last, on top of the others.
    rows = trials.sort_values("value")
    values = rows["value"].to_numpy(dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    ticks = np.linspace(low, high, TICKS).tolist()
    digits = 2 if high - low > _CLOSE else 3
    score = {
        "label": label(objective.removeprefix("validation ")),
        "values": values.tolist(),
        "tickvals": ticks,
        "ticktext": [f"{tick:.{digits}f}" for tick in ticks],
    }
    figure = go.Figure()
    figure.add_parcoords(
        dimensions=[*(parallel_axis(one, one.positions(rows)) for one in parameters), score],
        line={"color": values.tolist(), "colorscale": LINES, "showscale": False},
        # Names stand at an angle, or those of neighbours would run into each other.
        labelangle=-18,
        labelside="top",
        labelfont={"size": 12},
        tickfont={"size": SMALL},
    )
    figure = dressed(figure, title, height=450)
    figure.update_layout(margin={"l": 60, "r": 60, "t": 110, "b": 30})
    remark = f"{hidden:,} trials are not drawn; the numbers have them all" if hidden else ""
    return remarked(figure, remark, clear=_NAMES)


TOGETHER = View(anchor="together", short="Settings together", build=_panel)
