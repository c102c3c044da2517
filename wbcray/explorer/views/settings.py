"""Which settings suit a method?"""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.parameter_axes import plot_axis, short
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import SMALL, ZERO, dressed, label, shades
from wbcray.explorer.numbers.edges import Edge, edges
from wbcray.explorer.numbers.trials import complete_trials, objective_of, sampled, trial_table
from wbcray.explorer.reading.parameters import Parameter, searched_dimensions, varied_parameters
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many

MOST = 1000
COLUMNS = 3


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    complete = complete_trials(tables.trials)
    return Panel(
        question="Which settings suit a method?",
        how_to_read="Each mark is a complete trial: the mean over folds of what was maximised "
        "against one setting; dotted lines are the ends of what was searched. Where most of the "
        "best trials lie within 5 % of an end, the axis says so: there a wider range might do "
        "better. Trials that were stopped early are not ranked and not shown.",
        n=many(len(complete), "complete trial"),
        variants=tuple(
            Variant(label=str(method), draw=partial(_drawn, tables, str(method)))
            for method, rows in complete.groupby("method")
            if varied_parameters(rows)
        ),
        lacking="No search with two complete trials yet: `wbcray tune` makes one.",
    )


def _drawn(tables: RunTables, method: str) -> Drawn:
    numbers = trial_table(tables, method=method)
    complete = complete_trials(numbers)
    parameters = varied_parameters(complete, searched_dimensions(tables, method=method))
    found = {}
    for held_out in tables.held_out:
        rows = complete[complete["held_out"] == held_out]
        searched = searched_dimensions(tables, method=method, held_out=held_out)
        found[held_out] = edges(rows, varied_parameters(rows, searched))
    lines = [f"Which settings suit {label(method)}?"]
    lines += [_warning(domain, own) for domain, own in found.items() if own]
    if len(complete) > MOST:
        lines.append(f"{len(complete) - MOST:,} trials are not drawn; the numbers have them all")
    figure = slices_figure(
        sampled(complete, MOST),
        parameters,
        [one for own in found.values() for one in own],
        colors=shades(tables.facts.domains),
        lines=lines,
        objective=objective_of(tables, method=method),
    )
    return Drawn(figure=figure, numbers=numbers)


def slices_figure(
    trials: pd.DataFrame,
    parameters: Sequence[Parameter],
    found: Sequence[Edge],
    *,
    colors: dict[str, str],
    lines: Sequence[str],
    objective: str,
) -> go.Figure:
    """The objective against each setting, one mark per complete trial.

    `found` are the settings whose best trials lie at an end; `lines` is the title, and what is to
    be said above the marks.
    """
    count = max(1, -(-len(parameters) // COLUMNS))
    figure = make_subplots(
        rows=count,
        cols=max(1, min(COLUMNS, len(parameters))),
        shared_yaxes=True,
        horizontal_spacing=0.03,
        vertical_spacing=0.34 / count,
    )
    domains = [name for name in colors if name in set(trials["held_out"])]
    traces, rows, columns, axes = [], [], [], {}
    ends: list[dict[str, object]] = []
    for place, parameter in enumerate(parameters):
        for domain in domains:
            own = trials[trials["held_out"] == domain].dropna(subset=[parameter.column])
            traces.append(_points(own, parameter, domain, colors[domain], first=place == 0))
            rows.append(place // COLUMNS + 1)
            columns.append(place % COLUMNS + 1)
        number = "" if place == 0 else str(place + 1)
        sides = {one.side for one in found if one.name == parameter.name}
        remark = f"<br><b>best at the {' and '.join(sorted(sides))} end</b>" if sides else ""
        name = {"text": label(parameter.name) + remark}
        axes[f"xaxis{number}"] = {"title": name, **plot_axis(parameter)}
        if parameter.ranged:
            ends += [_end_line(value, number) for value in (parameter.low, parameter.high)]
    # All at once: one by one takes Plotly seconds where a search has many settings.
    figure.add_traces(traces, rows=rows, cols=columns)
    figure.update_layout(axes, shapes=ends)
    figure = remarked(dressed(figure, lines[0], height=250 * count + 70), *lines[1:])
    figure.update_xaxes(tickfont={"size": SMALL}, zeroline=False, title_standoff=8)
    figure.update_yaxes(title_text=objective, col=1)
    return figure


def _end_line(value: float, number: str) -> dict[str, object]:
    """A dotted line across the panel `number`, at one end of what was searched."""
    return {
        "type": "line",
        "x0": value,
        "x1": value,
        "xref": f"x{number}",
        "y0": 0,
        "y1": 1,
        "yref": f"y{number} domain",
        "line": {"dash": "dot", "width": 1, "color": ZERO},
    }


def _warning(domain: str, found: tuple[Edge, ...]) -> str:
    told = ", ".join(
        f"{label(e.name)} at its {e.side} end {short(e.end)} ({e.near} of {e.best})" for e in found
    )
    return f"{label(domain)} held out, best trials at the edge of the range: {told}"


def _points(
    rows: pd.DataFrame, parameter: Parameter, domain: str, color: str, *, first: bool
) -> go.Scatter:
    values = rows[parameter.column]
    return go.Scatter(
        # arrays, as Plotly looks into every item of a list
        x=[label(v) for v in values] if parameter.choices else values.to_numpy(),
        y=rows["value"].to_numpy(),
        customdata=rows["trial"].to_numpy(),
        mode="markers",
        name=f"held out: {label(domain)}",
        legendgroup=domain,
        showlegend=first,
        marker={"color": color, "size": 7, "opacity": 0.75},
        hovertemplate="trial %{customdata}: %{y:.3f} at %{x}<extra></extra>",
    )


SETTINGS = View(anchor="settings", short="Settings", build=_panel)
