"""Would fewer trials have been enough?"""

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
from wbcray.explorer.numbers.budget import enough, expected_best
from wbcray.explorer.numbers.in_front import in_front, in_front_note
from wbcray.explorer.numbers.trials import complete_trials, objective_on
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import UNSEEN, RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many

_AXES = {"trials": "trials", "epochs": "epochs over all folds"}
_WIDTHS = (0.42, 0.42, 0.16)


def _panel(tables: RunTables, choice: Choice) -> Panel:
    complete = complete_trials(tables.trials)
    there = set(complete["held_out"])
    ended = int((tables.trials["state"] != "RUNNING").sum())
    return Panel(
        question="Would fewer trials have been enough?",
        how_to_read="The best validation score that a search of so many trials finds on average, "
        "as if its trials came in random order; the band holds four of five such searches. A line "
        "that is flat at its end asks for no more trials. Trials that were stopped early are not "
        "ranked, but their cost counts. The large mark is what was really found. Right: the score "
        "of the selected configuration on the domain that was held out, where it was opened."
        + in_front_note(tables),
        n=f"{many(len(complete), 'complete trial')} of {ended:,}",
        variants=tuple(
            Variant(label=f"{held_out} held out", draw=partial(_drawn, tables, choice, held_out))
            for held_out in tables.held_out
            if held_out in there
        ),
        lacking="No search with a complete trial yet: `wbcray tune` makes one.",
    )


def _drawn(tables: RunTables, choice: Choice, held_out: str) -> Drawn:
    here = tables.trials["held_out"] == held_out
    rows = tables.trials[here & (tables.trials["state"] != "RUNNING")]
    curves = {str(name): expected_best(trials) for name, trials in rows.groupby("method")}
    curves = {name: curve for name, curve in curves.items() if len(curve)}
    away = fold_scores(tables, UNSEEN)
    scores = away[away["held_out"] == held_out].groupby("method")[choice.score].mean()
    opened = {name: float(score) for name, score in scores.items() if name in curves}
    best = complete_trials(rows).groupby("method")["value"].max()
    numbers = pd.concat(
        [
            curve.assign(
                method=name,
                best=float(best[name]),
                enough_trials=enough(curve),
                held_out_score=opened.get(name, float("nan")),
            )
            for name, curve in curves.items()
        ],
        ignore_index=True,
    )
    look = looks(tables.coloured, reference=choice.reference)
    look = with_others_behind(look, in_front(tables, choice))
    figure = _figure(
        numbers,
        look,
        held_out=held_out,
        objective=objective_on(tables, held_out=held_out),
        score=choice.score,
    )
    return Drawn(figure=figure, numbers=numbers)


def _figure(
    numbers: pd.DataFrame, looks: dict[str, Look], *, held_out: str, objective: str, score: str
) -> go.Figure:
    away = numbers.drop_duplicates("method").dropna(subset=["held_out_score"])
    count = len(_AXES) + (not away.empty)
    figure = make_subplots(
        rows=1, cols=count, column_widths=list(_WIDTHS[:count]), horizontal_spacing=0.07
    )
    traces = Traces()
    for method in back_to_front(set(numbers["method"]), looks):
        rows = numbers[numbers["method"] == method]
        for place, column in enumerate(_AXES):
            for trace in _traces(rows, column, looks[method], method, first=place == 0):
                traces.add(trace, col=place + 1)
    for method, value in zip(away["method"], away["held_out_score"], strict=True):
        mark = {"color": looks[method].color, "symbol": looks[method].symbol, "size": 11}
        trace = go.Scatter(
            x=[f"unseen {label(held_out)}"],
            y=[value],
            mode="markers",
            marker=mark,
            legendgroup=label(method),
            showlegend=False,
            hovertemplate=f"{label(method)}: %{{y:.3f}}<extra></extra>",
        )
        traces.add(trace, col=count)
    traces.into(figure)
    question = f"Would fewer trials have been enough with {label(held_out)} held out?"
    figure = dressed(figure, question, height=440)
    for place, (column, title) in enumerate(_AXES.items()):
        most = float(numbers[column].max())
        figure.update_xaxes(title_text=title, range=[0, most * 1.05], col=place + 1)
    figure.update_yaxes(title_text=f"best {objective}", col=1)
    figure.update_yaxes(matches="y", showticklabels=False, col=2)
    if not away.empty:
        figure.update_yaxes(title_text=score.replace("_", " ").replace("f1", "F1"), col=count)
        figure.update_yaxes(range=around(away["held_out_score"]), nticks=6, col=count)
    return figure


def _traces(
    rows: pd.DataFrame, column: str, look: Look, method: str, *, first: bool
) -> list[go.Scatter]:
    name = label(method)
    x = rows[column].tolist()
    end = rows.iloc[-1]
    hover = f"{name}, %{{x:.0f}} {column}: %{{y:.3f}}<extra></extra>"
    low, high = rows["low"].tolist(), rows["high"].tolist()
    return [
        *([] if look.faint else [band(x, low, high, look, group=name)]),
        go.Scatter(
            x=x,
            y=rows["expected"].tolist(),
            mode="lines",
            name=name,
            legendgroup=name,
            showlegend=False,
            line={"color": look.color, "width": 1 if look.faint else 2.5},
            hovertemplate=hover,
        ),
        go.Scatter(
            x=[end[column]],
            y=[end["best"]],
            mode="markers",
            name=name,
            legendgroup=name,
            showlegend=first and not look.faint,
            marker={"color": look.color, "symbol": look.symbol, "size": 6 if look.faint else 11},
            hovertemplate=f"{name}, found: %{{y:.3f}}<extra></extra>",
        ),
    ]


BUDGET = View(anchor="budget", short="Budget", build=_panel)
