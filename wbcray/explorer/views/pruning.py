"""Were the right trials stopped?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import GRID, dressed, label
from wbcray.explorer.numbers.trials import (
    COMPLETE,
    REPORT_COLUMNS,
    complete_trials,
    objective_of,
    sampled,
    trial_reports,
)
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.views.effort import STATE_COLORS
from wbcray.explorer.wording import many
from wbcray.search.space import SearchSettings

PRUNED = "PRUNED"
MOST = 300
"""Trials drawn of each kind."""
_BEST = "#d95f02"
_STOPPED = "#8e6bab"
_FEW_EPOCHS = 12


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    trials = tables.trials
    told = trials[trials["state"].isin((COMPLETE, PRUNED))]
    there = {*REPORT_COLUMNS} <= {*trials.columns}
    stopped = int((trials["state"] == PRUNED).sum())
    return Panel(
        question="Were the right trials stopped?",
        how_to_read="Each line is a trial: what it stood at after so many epochs, summed over the "
        "folds that it trains one after the other. A cross is a trial that was stopped there. "
        "Dotted lines are where stopping is decided: of the trials that got so far only the best "
        "share goes on. A crossed line that ends above the later best one is a trial that might "
        "have won.",
        n=f"{many(stopped, 'trial')} stopped early of {len(told):,}",
        variants=tuple(
            Variant(
                label=f"{method}, {held_out} held out",
                draw=partial(_drawn, tables, str(method), str(held_out)),
            )
            for (method, held_out), _ in (told if there else told[:0]).groupby(
                ["method", "held_out"]
            )
        ),
        lacking="These tables do not hold what trials reported, or nothing was searched yet: "
        "`wbcray store rebuild` makes the tables anew, `wbcray tune` searches.",
    )


def _drawn(tables: RunTables, method: str, held_out: str) -> Drawn:
    rows = tables.trials
    rows = rows[(rows["method"] == method) & (rows["held_out"] == held_out)]
    numbers = trial_reports(rows[rows["state"].isin((COMPLETE, PRUNED))])
    complete = complete_trials(rows)
    best = None if complete.empty else int(complete.nlargest(1, "value")["trial"].iloc[0])
    pruned = rows[rows["state"] == PRUNED].assign(value=0.0)
    drawn = {*sampled(complete, MOST)["trial"], *sampled(pruned, MOST)["trial"]}
    figure = _figure(
        numbers[numbers["trial"].isin(drawn)],
        best=best,
        title=f"Were the right trials of {label(method)} stopped, {label(held_out)} held out?",
        remark=_remark(numbers, best, hidden=len(complete) + len(pruned) - len(drawn)),
        rungs=_rungs(tables, method, held_out, numbers),
        objective=objective_of(tables, method=method, held_out=held_out),
    )
    return Drawn(figure=figure, numbers=numbers)


def ahead_when_stopped(reports: pd.DataFrame, best: int) -> tuple[int, int]:
    """How many stopped trials stood above where the later best one stood then; and of how many."""
    path = reports[reports["trial"] == best].sort_values("budget")
    last = reports[reports["state"] == PRUNED].sort_values("budget").groupby("trial").tail(1)
    met = pd.merge_asof(last, path[["budget", "value"]], on="budget", suffixes=("", "_best"))
    return int((met["value"] > met["value_best"]).sum()), len(last)


def _remark(reports: pd.DataFrame, best: int | None, *, hidden: int) -> str:
    parts = []
    if best is not None:
        ahead, stopped = ahead_when_stopped(reports, best)
        if stopped:
            parts.append(f"{ahead} of {stopped} stopped trials were ahead of the later best one")
    if hidden:
        parts.append(f"{hidden:,} trials are not drawn")
    return "; ".join(parts)


def _rungs(tables: RunTables, method: str, held_out: str, reports: pd.DataFrame) -> list[int]:
    """The budgets at which stopping was decided, as far as trials got."""
    space = dict(tables.facts.spaces).get(f"{method}--{held_out}")
    if space is None or reports.empty:
        return []
    return rungs(space.settings, int(reports["budget"].max()))


def rungs(settings: SearchSettings, budget: int) -> list[int]:
    """Epochs over all folds at which successive halving decides, up to `budget`."""
    found = []
    rung = settings.grace_epochs
    while settings.scheduler == "asha" and rung < budget:
        found.append(rung)
        rung *= settings.reduction_factor
    return found


def _figure(
    reports: pd.DataFrame,
    *,
    best: int | None,
    title: str,
    remark: str,
    rungs: list[int],
    objective: str,
) -> go.Figure:
    figure = go.Figure()
    for state, name in ((COMPLETE, "complete"), (PRUNED, "stopped early")):
        rows = reports[(reports["state"] == state) & (reports["trial"] != best)]
        if not rows.empty:
            color = STATE_COLORS["complete"] if state == COMPLETE else _STOPPED
            _add_lines(figure, rows, name=name, color=color, ended=state == PRUNED)
    rows = reports[reports["trial"] == best]
    figure.add_scatter(
        x=rows["budget"].tolist(),
        y=rows["value"].tolist(),
        mode="lines+markers",
        name="the best one",
        line={"color": _BEST, "width": 3},
        marker={"size": 5},
        hovertemplate=f"trial {best}, %{{x}} epochs: %{{y:.3f}}<extra></extra>",
    )
    figure = remarked(dressed(figure, title, height=420), remark)
    for rung in rungs:
        figure.add_vline(x=rung, line={"dash": "dot", "width": 1.5, "color": GRID})
    most = int(reports["budget"].max()) if len(reports) else 1
    ticks = {"dtick": 1} if most <= _FEW_EPOCHS else {}  # there is no half epoch
    figure.update_xaxes(title_text="epochs over all folds", range=[0, most + 0.5], **ticks)
    figure.update_yaxes(title_text=objective)
    return figure


def _add_lines(
    figure: go.Figure, rows: pd.DataFrame, *, name: str, color: str, ended: bool
) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    trials: list[int | None] = []
    ends: list[tuple[int, float, int]] = []
    for number, own in rows.groupby("trial"):
        trial = int(str(number))
        budgets, values = own["budget"].tolist(), own["value"].tolist()
        x += [*budgets, None]
        y += [*values, None]
        trials += [trial] * len(budgets) + [None]
        ends.append((budgets[-1], values[-1], trial))
    hover = "trial %{customdata}, %{x} epochs: %{y:.3f}<extra></extra>"
    figure.add_scatter(
        x=x,
        y=y,
        customdata=trials,
        mode="lines",
        name=name,
        legendgroup=name,
        line={"color": color, "width": 1.2},
        opacity=0.7,
        hovertemplate=hover,
    )
    if ended:
        figure.add_scatter(
            x=[end[0] for end in ends],
            y=[end[1] for end in ends],
            customdata=[end[2] for end in ends],
            mode="markers",
            name=name,
            legendgroup=name,
            showlegend=False,
            marker={"symbol": "x", "size": 7, "color": color},
            hovertemplate=hover,
        )


PRUNING = View(anchor="pruning", short="Stopped trials", build=_panel)
