"""Which mistakes are only one step of maturation off?"""

from functools import partial
from math import isnan

import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.style import ROW_HEIGHT, dressed, label
from wbcray.explorer.numbers.lineage import ALL_STAGES, maturation, stages_of
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, measured, place_name

PARTS = (
    ("right", "right", "#0d3b66"),
    ("one_step", "one step off", "#6a9fc5"),
    ("further", "further along the chain", "#c99000"),
    ("outside", "another lineage", "#a1653b"),
)
"""Column, name and colour of each part of a bar; blue for what a reader may let pass."""

TEXT_FROM = 0.06
FEWEST_STAGES = 2
FEW_METHODS = 6


def _panel(tables: RunTables, choice: Choice) -> Panel:
    enough = len(stages_of(tables.facts.classes)) >= FEWEST_STAGES
    return Panel(
        question="Which mistakes are only one step of maturation off?",
        how_to_read="Images of promyelocytes, myelocytes, metamyelocytes, banded and segmented "
        "neutrophils. Granulocytes mature by degrees, so neighbouring stages are told apart by "
        "convention, and readers differ there too. The first two parts of a bar together are the "
        "accuracy within one step; the rest are mistakes that no convention explains. 'All stages' "
        "is the mean of the stages, each weighing the same; by stage, of many methods the "
        "reference, the chosen other and the two best are drawn.",
        n="images counted once; answers of folds and seeds averaged",
        variants=tuple(
            Variant(
                label=f"{place_name(split, held_out)}: {stage}",
                draw=partial(_drawn, tables, choice, (split, held_out), stage),
            )
            for split, held_out in (measured(tables) if enough else [])
            for stage in (ALL_STAGES, "by stage")
        ),
        lacking="No cell is recorded yet: `wbcray compare` trains them."
        if enough
        else "The run's classes have no two stages of one lineage: `classes: canonical13` in "
        "wbcray.yaml has five.",
    )


def _drawn(tables: RunTables, choice: Choice, place: tuple[str, str], stage: str) -> Drawn:
    split, held_out = place
    rows = maturation(tables, split, held_out=held_out)
    whole = rows["class"] == ALL_STAGES
    shown = rows[whole] if stage == ALL_STAGES else _few(rows, choice)
    if choice.classes and stage != ALL_STAGES:
        shown = shown[shown["class"].isin(choice.classes)]
    return Drawn(figure=lineage_figure(shown, place=place_name(split, held_out)), numbers=rows)


def _few(rows: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """The stages of every method; of many, of the reference, the chosen other and the best."""
    whole = rows["class"] == ALL_STAGES
    stages = rows[~whole]
    if stages["method"].nunique() <= FEW_METHODS:
        return stages
    ranked = rows[whole].sort_values("within", ascending=False)["method"].tolist()
    return stages[stages["method"].isin({choice.reference, choice.rival, *ranked[:2]})]


def lineage_figure(rows: pd.DataFrame, *, place: str) -> go.Figure:
    """A bar for every method (and stage), in parts by how far off its answers are."""
    by_stage = set(rows["class"]) != {ALL_STAGES}
    if by_stage:
        rows = rows.sort_values(["method"], kind="stable")
        order = list(dict.fromkeys(rows["class"]))
        rows = rows.sort_values("class", key=lambda names: names.map(order.index), kind="stable")
    else:
        rows = rows.sort_values("within", ascending=False)
    methods = [label(name) for name in rows["method"]]
    stages = [
        f"{label(name)}  n={images}"
        for name, images in zip(rows["class"], rows["images"], strict=True)
    ]
    down = [stages, methods] if by_stage else methods
    figure = go.Figure()
    for column, name, color in PARTS:
        figure.add_bar(
            x=rows[column],
            y=down,
            orientation="h",
            name=name,
            marker={"color": color, "line": {"width": 0}},
            text=[f"{100 * v:.0f}" if v >= TEXT_FROM else "" for v in rows[column]],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            customdata=[_told(row) for row in rows.to_dict("records")],
            hovertemplate=f"{name} %{{x:.1%}}<br>%{{customdata}}<extra></extra>",
        )
    question = f"Which mistakes are only one step of maturation off on {label(place)}?"
    figure = dressed(figure, question, height=170 + (ROW_HEIGHT - 6) * max(len(rows), 2))
    figure.update_layout(barmode="stack", bargap=0.25, legend_traceorder="normal")
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title_text="share of images")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def _told(row: dict[object, object]) -> str:
    share, low, high = (float(str(row[name])) for name in ("within", "low", "high"))
    interval = "" if isnan(low) else f" (95 %: {low:.1%} to {high:.1%})"
    where = f"{label(row['class'])}, {label(row['method'])}, {row['images']} images"
    return f"within one step {share:.1%}{interval}<br>{where}"


LINEAGE = View(anchor="lineage", short="Maturation", build=_panel)
