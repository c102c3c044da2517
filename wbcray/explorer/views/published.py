"""What do published numbers carry, and how do this run's compare?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.style import (
    COLORS,
    ROW_HEIGHT,
    SMALL,
    SYMBOLS,
    ZERO,
    Look,
    dressed,
    label,
    looks,
)
from wbcray.explorer.numbers.published_tables import (
    PublishedTable,
    judged_again,
    own_beside,
    published,
)
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import interval, many, p_value, plus_minus, score_words, signed

QUESTION = "What do published numbers carry?"
PRINTED = "published"
OWN = "this run"


def _panel(tables: RunTables, choice: Choice) -> Panel:
    shipped = published()
    return Panel(
        question=QUESTION,
        how_to_read="Filled marks are numbers as printed, bars their standard deviations over "
        "folds. The word is what they carry against the table's first method: Welch's test of "
        "means, standard deviations and n, after Holm for all methods of a score. Folds share "
        "images, so even this finds too much. Open marks are this run's results of the same "
        "methods, where it held out a domain of the same name; other splits and images "
        f"make the two no contest. Source: {'; '.join(dict.fromkeys(t.source for t in shipped))}.",
        n="; ".join(
            f"{table.place}: {many(table.scores[0][1][0].n, 'fold')} of "
            f"{many(len(table.methods), 'method')}"
            for table in shipped
        ),
        variants=tuple(
            Variant(
                label=f"{table.title}: {table.place}", draw=partial(_drawn, tables, choice, table)
            )
            for table in reversed(shipped)
        ),
    )


def _drawn(tables: RunTables, choice: Choice, table: PublishedTable) -> Drawn:
    printed, own = judged_again(table), own_beside(tables, table)
    look = _looks(tables, choice, [preset for _, preset in table.methods])
    numbers = pd.concat(
        [printed.assign(source=PRINTED), own.assign(source=OWN, preset=own["method"])],
        ignore_index=True,
    )
    return Drawn(figure=published_figure(printed, own, look, place=table.place), numbers=numbers)


def _looks(tables: RunTables, choice: Choice, presets: list[str]) -> dict[str, Look]:
    """Those of the run's methods, and of printed ones that it lacks the colours that are left."""
    found = looks(tables.coloured, reference=choice.reference)
    for preset in presets:
        if preset not in found:
            number = len(found) - 1
            symbol = SYMBOLS[(number + 1) % len(SYMBOLS)]
            found[preset] = Look(color=COLORS[number % len(COLORS)], symbol=symbol)
    return found


def published_figure(
    printed: pd.DataFrame, own: pd.DataFrame, looks: dict[str, Look], *, place: str
) -> go.Figure:
    """Printed means and what they carry, with this run's beside them; one facet per score."""
    scores = list(printed["score"].unique())
    order = list(printed["method"].unique())[::-1]
    rows = {name: number for number, name in enumerate(order)}
    figure = make_subplots(
        cols=len(scores),
        subplot_titles=[label(score_words(score)) for score in scores],
        shared_yaxes=True,
        horizontal_spacing=0.04,
    )
    for column, score in enumerate(scores, start=1):
        part = printed[printed["score"] == score]
        figure.add_trace(_printed(part, rows, looks), row=1, col=column)
        beside = own[own["score"] == score].merge(
            part[["preset", "method"]].rename(columns={"preset": "method", "method": "shown"})
        )
        if len(beside):
            figure.add_trace(_own(beside, rows, looks), row=1, col=column)
        figure.add_trace(_verdicts(part, rows), row=1, col=column)
    title = f"{QUESTION}<br><sup>{label(place)}</sup>"
    figure = dressed(figure, title, height=190 + int(1.5 * ROW_HEIGHT) * len(order))
    figure.update_layout(margin={"t": 86}, showlegend=False)
    figure.update_xaxes(range=[0, 1.22], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1], zeroline=False)
    figure.update_yaxes(
        tickvals=list(rows.values()),
        ticktext=[label(name) for name in order],
        range=[-0.6, len(order) - 0.4],
        zeroline=False,
    )
    return figure


def _printed(part: pd.DataFrame, rows: dict[str, int], looks: dict[str, Look]) -> go.Scatter:
    return go.Scatter(
        x=part["mean"],
        y=[rows[name] for name in part["method"]],
        error_x={"array": part["std"].tolist(), "color": ZERO, "width": 4, "thickness": 2},
        mode="markers",
        marker={
            "size": 11,
            "color": [looks[name].color for name in part["preset"]],
            "symbol": [looks[name].symbol for name in part["preset"]],
        },
        customdata=[
            [
                label(row["method"]),
                plus_minus(row["mean"], row["std"]),
                f"{signed(row['difference'])} ({interval(row['low'], row['high'])})",
                p_value(row["p"]),
                p_value(row["p_holm"]),
            ]
            for row in part.to_dict("records")
        ],
        hovertemplate="%{customdata[0]}, published: %{customdata[1]}<br>difference %{customdata[2]}"
        "<br>p = %{customdata[3]}, after Holm %{customdata[4]}<extra></extra>",
    )


def _own(part: pd.DataFrame, rows: dict[str, int], looks: dict[str, Look]) -> go.Scatter:
    """A little below the printed mark."""
    return go.Scatter(
        x=part["mean"],
        y=[rows[name] - 0.27 for name in part["shown"]],
        error_x={"array": part["std"].tolist(), "color": ZERO, "width": 3, "thickness": 1.2},
        mode="markers",
        marker={
            "size": 9,
            "color": [looks[name].color for name in part["method"]],
            "symbol": [f"{looks[name].symbol}-open" for name in part["method"]],
        },
        customdata=[
            [label(row["method"]), plus_minus(row["mean"], row["std"]), row["n"], row["verdict"]]
            for row in part.to_dict("records")
        ],
        hovertemplate="%{customdata[0]}, this run: %{customdata[1]}, folds: %{customdata[2]}"
        "<br>%{customdata[3]}<extra></extra>",
    )


def _verdicts(part: pd.DataFrame, rows: dict[str, int]) -> go.Scatter:
    return go.Scatter(
        x=[1.03] * len(part),
        y=[rows[name] for name in part["method"]],
        text=part["verdict"],
        mode="text",
        textposition="middle right",
        textfont={"size": SMALL},
        hoverinfo="skip",
    )


PUBLISHED = View(anchor="published", short="Published tables", build=_panel)
