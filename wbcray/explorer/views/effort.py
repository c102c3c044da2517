"""Was every method searched equally hard?"""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.durations import unit_of
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import SMALL, dressed, label
from wbcray.explorer.numbers.effort import MEASURES, effort, imbalance
from wbcray.explorer.numbers.trials import STATES
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many

STATE_COLORS = {
    "complete": "#3f87b5",
    "pruned": "#a9bccb",
    "failed": "#b3404a",
    "infeasible": "#c99a3f",
    "running": "#8f7fd0",
}
_TITLES = {"trials": "trials", "epochs": "epochs over all folds"}
_ROW = 24
_MANY, _LOW_ROW = 30, 17
"""More searches than these stand closer."""


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    trials = tables.trials

    def drawn() -> Drawn:
        spent = effort(tables)
        return Drawn(figure=_figure(spent), numbers=spent)

    return Panel(
        question="Was every method searched equally hard?",
        how_to_read="Trials, epochs and wall time of each search, by how its trials ended. A "
        "method that was given more could win by it. Equal trials need not be equal epochs: "
        "stopping early spends fewer on a method whose trials are poor. Time depends on the "
        "machine, and of a trial that was taken up again its last sitting counts.",
        n=f"{many(trials.groupby(['method', 'held_out']).ngroups, 'search').replace('hs', 'hes')}, "
        f"{many(len(trials), 'trial')}",
        variants=() if trials.empty else (Variant(label="all searches", draw=drawn),),
        lacking="Nothing was searched yet: `wbcray tune` does it.",
    )


def _figure(spent: pd.DataFrame) -> go.Figure:
    studies = spent[["method", "held_out"]].drop_duplicates()
    names = [
        [label(name) for name in studies["method"]],
        [label(name) for name in studies["held_out"]],
    ]
    # of the longest bar, which is of all states of a study
    unit = unit_of(spent.groupby(["method", "held_out"])["hours"].sum())
    names_of_units = {**{name: name for name in MEASURES}, "hours": unit.name}
    figure = make_subplots(rows=1, cols=len(MEASURES), shared_yaxes=True, horizontal_spacing=0.03)
    for state in (name.lower() for name in STATES):
        rows = spent[spent["state"] == state]
        if rows.empty:
            continue
        filled = studies.merge(rows, how="left").fillna(0)
        for place, measure in enumerate(MEASURES):
            figure.add_bar(
                x=(filled[measure] * (unit.per_hour if measure == "hours" else 1)).tolist(),
                y=names,
                orientation="h",
                name=state,
                legendgroup=state,
                showlegend=place == 0,
                marker={"color": STATE_COLORS[state], "line": {"width": 0}},
                hovertemplate=f"%{{y}}: %{{x:,.4~g}} {names_of_units[measure]} in {state} trials"
                "<extra></extra>",
                row=1,
                col=place + 1,
            )
    row = _ROW if len(studies) <= _MANY else _LOW_ROW
    question = "Was every method searched equally hard?"
    figure = dressed(figure, question, height=130 + row * len(studies))
    figure = remarked(figure, imbalance(spent))
    figure.update_layout(barmode="stack", bargap=0.25)
    figure.update_yaxes(autorange="reversed", showgrid=False, showdividers=False, dtick=1)
    if len(studies) > _MANY:
        figure.update_yaxes(tickfont={"size": SMALL})
    for place, measure in enumerate(MEASURES):
        title = _TITLES.get(measure, f"{unit.name} of training")
        figure.update_xaxes(title_text=title, rangemode="tozero", nticks=6, col=place + 1)
    return figure


EFFORT = View(anchor="effort", short="Equal effort", build=_panel)
