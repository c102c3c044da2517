"""Which settings matter?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import REFERENCE_COLOR, dressed, label, shades
from wbcray.explorer.numbers.importance import FEWEST, importances
from wbcray.explorer.numbers.trials import complete_trials
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many

MOST = 15
_ROW = 22


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    complete = complete_trials(tables.trials)
    searched = {name for name, _ in tables.facts.spaces}
    ready = {
        str(method)
        for (method, held_out), rows in complete.groupby(["method", "held_out"])
        if len(rows) >= FEWEST and f"{method}--{held_out}" in searched
    }
    return Panel(
        question="Which settings matter?",
        how_to_read="How much each setting had to do with being among the best tenth of the "
        "complete trials (PED-ANOVA); the bars of one held-out domain add up to 1. A long bar says "
        "that the setting must be right, not which value is. The grey line is what a setting gets "
        "where the scores are shuffled among the trials, the mean over domains: a bar that does "
        "not pass it says nothing, and with few trials the order is a hint.",
        n=many(len(complete), "complete trial"),
        variants=tuple(
            Variant(label=method, draw=partial(_drawn, tables, method)) for method in sorted(ready)
        ),
        lacking=f"No search has {FEWEST} complete trials and says what it searched yet: "
        "`wbcray tune --trials 30` makes one; `wbcray store rebuild` makes old tables anew.",
    )


def _drawn(tables: RunTables, method: str) -> Drawn:
    found = {
        held_out: importances(tables, method=method, held_out=held_out)
        for held_out in tables.held_out
    }
    numbers = pd.DataFrame(
        [
            {
                "held_out": held_out,
                "setting": name,
                "importance": value,
                "by_chance": one.chance[name],
                "complete_trials": one.trials,
            }
            for held_out, one in found.items()
            for name, value in one.shares.items()
        ]
    )
    figure = _figure(numbers, shades(tables.facts.domains), method=method)
    return Drawn(figure=figure, numbers=numbers)


def _figure(numbers: pd.DataFrame, colors: dict[str, str], *, method: str) -> go.Figure:
    means = numbers.groupby("setting")[["importance", "by_chance"]].mean()
    means = means.sort_values("importance", ascending=False)
    shown = list(means.index[:MOST])
    names = [label(name) for name in shown]
    figure = go.Figure()
    for held_out, rows in numbers.groupby("held_out", sort=False):
        values = rows.set_index("setting")["importance"].reindex(shown)
        count = int(rows["complete_trials"].iloc[0])
        figure.add_bar(
            x=values.tolist(),
            y=names,
            orientation="h",
            name=f"held out: {label(held_out)}, {many(count, 'trial')}",
            marker={"color": colors[str(held_out)], "line": {"width": 0}},
            hovertemplate="%{y}: %{x:.2f}<extra></extra>",
        )
    figure.add_scatter(
        x=means["by_chance"].reindex(shown).tolist(),
        y=names,
        mode="markers",
        name="by chance",
        marker={"symbol": "line-ns", "size": 26, "line": {"width": 2.5, "color": REFERENCE_COLOR}},
        hovertemplate="%{y}, by chance: %{x:.2f}<extra></extra>",
    )
    more = len(means) - len(shown)
    remark = f"{more} settings of less importance are in the numbers alone" if more else ""
    bars = len(shown) * int(numbers["held_out"].nunique())
    figure = dressed(
        figure,
        f"Which settings of {label(method)} matter?",
        height=130 + _ROW * max(bars, 2 * len(shown)),
    )
    figure = remarked(figure, remark)
    figure.update_layout(barmode="group", bargap=0.3)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text="importance", rangemode="tozero")
    return figure


IMPORTANCE = View(anchor="importance", short="Importance", build=_panel)
