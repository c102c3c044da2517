"""How many dangerous images are found when few others raise an alarm?"""

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.legend import placed
from wbcray.explorer.look.style import ROW_HEIGHT, Look, dressed, label, looks
from wbcray.explorer.numbers.judged_images import NOT_KEPT, judged_images, kept_outputs
from wbcray.explorer.numbers.operating_points import (
    COLUMNS,
    SPECIFICITY,
    critical_classes,
    operating_points,
)
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, place_name

SPREAD = 0.6


def _panel(tables: RunTables, choice: Choice) -> Panel:
    there = critical_classes(tables.facts.classes)
    kept = kept_outputs(tables) if there else ()
    places = dict.fromkeys((split, held_out) for _, split, held_out in kept)
    return Panel(
        question="How many dangerous images are found when few others raise an alarm?",
        how_to_read="Sensitivity for blasts, promyelocytes and atypical lymphocytes when the "
        f"threshold on their probability lets {100 * SPECIFICITY:.0f} % of all other images pass; "
        "the bar is the 95 % Wilson interval by images, the mark the mean over networks. Further "
        "right is better. The threshold is set on the images it is judged on; open marks carry "
        "over the one set on the validation images of the same networks, and the specificity that "
        "it reaches here stands where you point.",
        n="images counted once; networks of all folds and seeds",
        variants=tuple(
            Variant(
                label=place_name(split, held_out),
                draw=partial(
                    _drawn,
                    tables,
                    choice,
                    (split, held_out),
                    tuple(m for m, s, h in kept if (s, h) == (split, held_out)),
                ),
            )
            for split, held_out in places
        ),
        lacking=NOT_KEPT
        if there
        else "None of the run's classes is a blast, a promyelocyte or an atypical lymphocyte: "
        "`classes: canonical13` in wbcray.yaml has them.",
    )


def _drawn(
    tables: RunTables, choice: Choice, place: tuple[str, str], methods: tuple[str, ...]
) -> Drawn:
    split, held_out = place
    blocks = []
    for method in methods:
        outputs = judged_images(tables, method, split, held_out=held_out)
        if outputs is None:
            continue
        before = (
            judged_images(tables, method, VALIDATION, held_out=held_out)
            if split == UNSEEN
            else None
        )
        block = operating_points(outputs, tables.facts.classes, validation=before)
        blocks.append(block.assign(method=method))
    columns = ["method", *COLUMNS]
    rows = pd.concat(blocks)[columns] if blocks else pd.DataFrame(columns=columns)
    if choice.classes:
        rows = rows[rows["class"].isin(choice.classes)]
    look = looks(tables.coloured, reference=choice.reference)
    figure = sensitivity_figure(rows, look, place=place_name(split, held_out))
    return Drawn(figure=figure, numbers=rows)


def sensitivity_figure(rows: pd.DataFrame, look: dict[str, Look], *, place: str) -> go.Figure:
    """Sensitivity per critical class and method; from `operating_points` with a method column."""
    images = rows.groupby("class")["images"].max()
    classes = sorted(images.index, key=lambda name: (images[name], name))
    methods = sorted(set(rows["method"]))
    figure = go.Figure()
    for number, method in enumerate(methods):
        block = rows[rows["method"] == method]
        shift = (number - (len(methods) - 1) / 2) * SPREAD / max(len(methods), 1)
        down = [classes.index(name) + shift for name in block["class"]]
        mark = {"color": look[method].color, "symbol": look[method].symbol, "size": 9}
        figure.add_scatter(
            x=block["carried_sensitivity"],
            y=down,
            mode="markers",
            marker={**mark, "symbol": f"{look[method].symbol}-open"},
            showlegend=False,
            customdata=[
                f"{label(row['class'])}, {label(method)}: threshold from validation<br>sensitivity "
                f"{row['carried_sensitivity']:.1%}, specificity {row['carried_specificity']:.1%}"
                for row in block.to_dict("records")
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
        figure.add_scatter(
            x=block["sensitivity"],
            y=down,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": np.maximum(block["high"] - block["sensitivity"], 0),
                "arrayminus": np.maximum(block["sensitivity"] - block["low"], 0),
                "thickness": 1.4,
                "width": 0,
            },
            mode="markers",
            marker=mark,
            name=label(method),
            customdata=[
                f"{label(row['class'])}, {label(method)}: {row['sensitivity']:.1%} "
                f"(95 %: {row['low']:.1%} to {row['high']:.1%})<br>at specificity "
                f"{row['specificity']:.1%}, {row['images']} images against {row['others']:,}"
                for row in block.to_dict("records")
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    question = f"How many are found at {100 * SPECIFICITY:.0f} % specificity on {label(place)}?"
    height = 160 + max(len(classes), 1) * max(ROW_HEIGHT * 2, 16 * len(methods))
    figure = placed(dressed(figure, question, height=height), len(methods))
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%", title_text="sensitivity")
    figure.update_yaxes(
        tickvals=list(range(len(classes))),
        ticktext=[f"{label(name)}  n={images[name]}" for name in classes],
        range=[len(classes) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
    )
    return figure


OPERATING_POINTS = View(anchor="sensitivity", short="Sensitivity", build=_panel)
