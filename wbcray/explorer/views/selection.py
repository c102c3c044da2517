"""Does validation choose what is good away from home, and what would peeking claim?"""

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.axis_range import around
from wbcray.explorer.look.facets import facet, facet_rows, facets
from wbcray.explorer.look.style import (
    ROW_HEIGHT,
    ZERO,
    Look,
    back_to_front,
    dressed,
    label,
    looks,
    with_others_behind,
)
from wbcray.explorer.look.traces import Traces
from wbcray.explorer.numbers.in_front import in_front, in_front_note
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many, number, plus_minus, score_words
from wbcray.metrics.ranks import spearman
from wbcray.store.selections import oracle_name

QUESTION = "Does validation choose what is good on an unseen domain?"


def _panel(tables: RunTables, choice: Choice) -> Panel:
    opened = tables.cells[tables.cells["test_opened"].astype(bool)]
    variants = []
    if tables.oracle & set(opened["method"]):
        drawn = partial(_against_oracle, tables, choice)
        variants.append(Variant(label="validation's choice against the oracle's", draw=drawn))
    if len(opened):
        drawn = partial(_scatter, tables, choice)
        variants.append(Variant(label="validation against unseen", draw=drawn))
    without = (
        ""
        if tables.oracle
        else " This run has no oracle's choice to compare with, which is as it should be in one "
        "that reports results; `wbcray compare --selection oracle` would add it, marked as such."
    )
    return Panel(
        question=QUESTION,
        how_to_read=f"Scatter: each mark is a fold of a method, its {score_words(choice.score)} on "
        "validation images against that on the unseen domain; Spearman's correlation is of these "
        "marks, so 1 says that validation ranks as the unseen domain does, and 0 that it tells "
        "nothing. Below the diagonal is loss. Only cells whose held-out counts were opened can be "
        "shown, which are those that were chosen, so the range is narrow. Dumbbell: the "
        "configuration chosen on validation (filled) and the one that held-out scores would have "
        f"chosen (open); the distance is what peeking would add to a paper.{without}"
        + in_front_note(tables),
        n=f"{many(len(opened), 'opened cell')}",
        variants=tuple(variants),
        lacking="The held-out domains are still sealed: `wbcray compare` opens them.",
    )


def _against_oracle(tables: RunTables, choice: Choice) -> Drawn:
    rows = fold_scores(tables, UNSEEN)
    grouped = rows.groupby(["held_out", "method"])[choice.score]
    means = grouped.agg(["mean", "std", "count"]).reset_index()
    own = means[~means["method"].isin(tables.oracle)]
    peeked = means.assign(name=means["method"])
    names = {oracle_name(method): method for method in map(str, own["method"].unique())}
    peeked["method"] = peeked["method"].map(names)
    found = own.merge(
        peeked[["held_out", "method", "mean", "std", "count"]].dropna(subset=["method"]),
        on=["held_out", "method"],
        suffixes=("_validation", "_oracle"),
    )
    found["added"] = found["mean_oracle"] - found["mean_validation"]
    look = looks(tables.coloured, reference=choice.reference)
    names_shown = found.assign(oracle=[oracle_name(str(name)) for name in found["method"]])
    return Drawn(figure=dumbbell_figure(names_shown, look, score=choice.score), numbers=names_shown)


def dumbbell_figure(rows: pd.DataFrame, looks: dict[str, Look], *, score: str) -> go.Figure:
    """What validation chose and what held-out scores would have, one facet per held-out domain."""
    domains = list(rows["held_out"].unique())
    order = rows.groupby("method")["mean_validation"].mean().sort_values().index.tolist()
    figure = facets(domains)
    for place, domain in enumerate(domains):
        for row in rows[rows["held_out"] == domain].to_dict("records"):
            look = looks[row["method"]]
            figure.add_scatter(
                x=[row["mean_validation"], row["mean_oracle"]],
                y=[label(row["method"])] * 2,
                mode="lines+markers",
                line={"color": ZERO, "width": 2},
                marker={
                    "size": 11,
                    "color": look.color,
                    "symbol": [look.symbol, f"{look.symbol}-open"],
                },
                customdata=[
                    [
                        "chosen on validation",
                        plus_minus(row["mean_validation"], row["std_validation"]),
                    ],
                    [label(row["oracle"]), plus_minus(row["mean_oracle"], row["std_oracle"])],
                ],
                hovertemplate="%{y}, %{customdata[0]}: %{customdata[1]}<extra></extra>",
                **facet(place),
            )
    height = (110 + ROW_HEIGHT * len(order)) * facet_rows(domains) + 60
    figure = dressed(figure, "What would peeking claim?", height=max(height, 260))
    figure.update_xaxes(title_text=f"unseen {score_words(score)}", zeroline=False, nticks=6)
    figure.update_yaxes(categoryorder="array", categoryarray=[label(name) for name in order])
    figure.update_layout(showlegend=False)
    return figure


def _scatter(tables: RunTables, choice: Choice) -> Drawn:
    place = ["held_out", "method", "fold"]
    home, away = (
        fold_scores(tables, split)[[*place, choice.score]].rename(columns={choice.score: split})
        for split in (VALIDATION, UNSEEN)
    )
    rows = home.merge(away, on=place)
    found = {
        str(name): spearman(
            part[VALIDATION].to_numpy(dtype=np.float64), part[UNSEEN].to_numpy(dtype=np.float64)
        )
        for name, part in rows.groupby("held_out")
    }
    rows["spearman"] = rows["held_out"].map(found)
    look = looks(tables.coloured, reference=choice.reference)
    look = with_others_behind(look, in_front(tables, choice))
    domains = [name for name in tables.held_out if name in found]
    return Drawn(
        figure=scatter_figure(rows, look, domains=domains, score=choice.score), numbers=rows
    )


def scatter_figure(
    rows: pd.DataFrame, looks: dict[str, Look], *, domains: list[str], score: str
) -> go.Figure:
    """Validation against unseen scores of opened cells, one facet per held-out domain."""
    correlation = rows.drop_duplicates("held_out").set_index("held_out")["spearman"]
    titles = [f"{name} (Spearman {number(float(correlation[name]))})" for name in domains]
    figure = facets(titles)
    traces = Traces()
    shown: set[str] = set()
    ends = around(rows[VALIDATION], rows[UNSEEN])
    for place, domain in enumerate(domains):
        diagonal = go.Scatter(
            x=ends,
            y=ends,
            mode="lines",
            line={"color": ZERO, "dash": "dot", "width": 1},
            showlegend=False,
            hoverinfo="skip",
        )
        traces.add(diagonal, **facet(place))
        here = rows[rows["held_out"] == domain]
        for method in back_to_front(here["method"].unique(), looks):
            look, part = looks[method], here[here["method"] == method]
            marks = go.Scatter(
                x=part[VALIDATION],
                y=part[UNSEEN],
                mode="markers",
                name=label(method),
                legendgroup=method,
                showlegend=method not in shown and not look.faint,
                marker={"color": look.color, "symbol": look.symbol, "size": 6 if look.faint else 8},
                customdata=part["fold"],
                hovertemplate=label(method)
                + ", fold %{customdata}: validation %{x:.3f}, unseen %{y:.3f}<extra></extra>",
            )
            traces.add(marks, **facet(place))
            shown.add(method)
    traces.into(figure)
    figure = dressed(figure, QUESTION, height=350 * facet_rows(domains) + 90)
    figure.update_xaxes(title_text=f"validation {score_words(score)}", zeroline=False, nticks=6)
    figure.update_yaxes(title_text=f"unseen {score_words(score)}", zeroline=False, col=1)
    # one range for both, so that the diagonal is seen wherever the marks are
    both = around(rows[VALIDATION], rows[UNSEEN])
    figure.update_xaxes(range=both)
    figure.update_yaxes(range=both, zeroline=False)
    figure.update_layout(legend={"y": 0, "yref": "container", "yanchor": "bottom"})
    return figure


SELECTION = View(anchor="selection", short="Choice by validation", build=_panel)
