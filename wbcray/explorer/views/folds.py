"""Does a method win in every fold?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.axis_range import ticks_about_zero
from wbcray.explorer.look.style import ROW_HEIGHT, SMALL, ZERO, Look, dressed, label, looks
from wbcray.explorer.look.traces import Traces
from wbcray.explorer.numbers.in_front import FEW_METHODS
from wbcray.explorer.numbers.paired import outcomes, paired_blocks
from wbcray.explorer.numbers.places import comparable
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, place_name
from wbcray.explorer.wording import many, p_value, score_words
from wbcray.metrics.ranks import FEWEST_BLOCKS

QUESTION = "Does a method win in every fold?"
LINE = 40
"""Characters that fit beside each other below the left half."""


def _panel(tables: RunTables, choice: Choice) -> Panel:
    folds = int(tables.cells["fold"].nunique())
    warning = (
        f"; with fewer than {FEWEST_BLOCKS} blocks no signed-rank test can be significant"
        if folds < FEWEST_BLOCKS
        else ""
    )
    return Panel(
        question=QUESTION,
        how_to_read=f"Left: {score_words(choice.score)} of each method, a line for each fold; "
        "lines that cross are folds that rank methods differently. Right: each fold's difference "
        f"to {choice.reference}, as dots over their box, with wins, ties and losses; a difference "
        "within 0.01 is a tie. Dots on both sides of zero mean that the fold decides. Signed ranks "
        "are shown for information, as they take folds as independent.",
        n=f"{many(folds, 'block')}: the folds of a held-out domain, seeds averaged{warning}",
        variants=tuple(
            Variant(
                label=place_name(split, held_out),
                draw=partial(_drawn, tables, choice, split, held_out),
            )
            for split, held_out in comparable(tables, choice.reference)
        ),
        lacking=f"Nothing to compare with {choice.reference} yet: `wbcray compare` trains cells "
        "of several methods on the same folds.",
    )


def _drawn(tables: RunTables, choice: Choice, split: str, held_out: str) -> Drawn:
    blocks = paired_blocks(
        tables, split, held_out=held_out, reference=choice.reference, score=choice.score
    )
    counts = outcomes(blocks)
    look = looks(tables.coloured, reference=choice.reference)
    figure = folds_figure(blocks, counts, look, score=choice.score, reference=choice.reference)
    return Drawn(figure=figure, numbers=blocks.merge(counts, on="method", how="left"))


def folds_figure(
    blocks: pd.DataFrame,
    counts: pd.DataFrame,
    looks: dict[str, Look],
    *,
    score: str,
    reference: str,
) -> go.Figure:
    """Parallel lines of folds, and boxes of their differences; from `paired`."""
    means = blocks.groupby("method")["score"].mean().sort_values(ascending=False)
    order = [str(name) for name in means.index]
    figure = make_subplots(cols=2, column_widths=[0.48, 0.52], horizontal_spacing=0.14)
    traces = Traces()
    for fold, rows in blocks.groupby("fold"):
        there = rows.set_index("method")["score"].reindex(order)
        trace = go.Scatter(
            x=[label(name) for name in order],
            y=there,
            mode="lines",
            line={"color": ZERO, "width": 1},
            connectgaps=False,
            hovertemplate=f"%{{x}}, fold {fold}: %{{y:.3f}}<extra></extra>",
        )
        traces.add(trace)
    for method in order:
        rows, look = blocks[blocks["method"] == method], looks[method]
        mark = {"color": look.color, "symbol": look.symbol, "size": 8}
        trace = go.Scatter(
            x=[label(method)] * len(rows),
            y=rows["score"],
            mode="markers",
            marker=mark,
            customdata=rows["fold"],
            hovertemplate="%{x}, fold %{customdata}: %{y:.3f}<extra></extra>",
        )
        traces.add(trace)
        if method != reference:
            box = go.Box(
                x=rows["difference"],
                y=[label(method)] * len(rows),
                orientation="h",
                width=0.5,
                boxpoints="all",
                jitter=0,
                pointpos=0,
                marker=mark,
                line={"color": look.color, "width": 1.2},
                fillcolor="rgba(128,136,148,0.12)",
                customdata=rows["fold"],
                hovertemplate="%{y}, fold %{customdata}: %{x:+.3f}<extra></extra>",
                hoveron="points",
            )
            traces.add(box, col=2)
    traces.into(figure)
    _add_counts(figure, counts, float(blocks["difference"].abs().max()))
    figure = dressed(figure, QUESTION, height=max(330, 130 + ROW_HEIGHT * len(order)))
    few = len(order) <= FEW_METHODS
    narrow = sum(map(len, order)) > LINE  # names do not fit beside each other
    slant = (-30 if narrow else 0) if few else -90
    figure.update_xaxes(showgrid=False, tickangle=slant, tickmode="linear", row=1, col=1)
    figure.update_yaxes(title_text=score_words(score), row=1, col=1)
    figure.update_xaxes(title_text=f"difference to {label(reference)}", zeroline=True, row=1, col=2)
    rivals = [label(name) for name in reversed(order) if name != reference]
    figure.update_yaxes(categoryorder="array", categoryarray=rivals, showgrid=False, row=1, col=2)
    figure.update_annotations(font={"size": SMALL})
    figure.update_layout(showlegend=False)
    return figure


def _add_counts(figure: go.Figure, counts: pd.DataFrame, reach: float) -> None:
    """Wins, ties and losses of each method, right of its box."""
    reach = max(reach, 0.01) * 1.1
    rows = counts.to_dict("records")
    figure.add_scatter(
        x=[reach * 1.05] * len(rows),
        y=[label(row["method"]) for row in rows],
        text=[f"{row['wins']} / {row['ties']} / {row['losses']}" for row in rows],
        mode="text",
        textposition="middle right",
        textfont={"size": SMALL},
        customdata=[[p_value(row["p_signed_ranks"]), p_value(row["p_smallest"])] for row in rows],
        hovertemplate="wins / ties / losses of %{y}<br>signed ranks: p = %{customdata[0]}; "
        "the smallest possible: %{customdata[1]}<extra></extra>",
        row=1,
        col=2,
    )
    figure.update_xaxes(range=[-reach, reach * 1.9], tickvals=ticks_about_zero(reach), row=1, col=2)
    figure.add_annotation(
        text="wins / ties / losses",
        x=reach * 1.05,
        xanchor="left",
        xref="x2",
        y=1,
        yanchor="bottom",
        yref="y2 domain",
        showarrow=False,
    )


FOLDS = View(anchor="folds", short="Paired folds", build=_panel)
