"""Who helps the rare classes?"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.hatching import hatching
from wbcray.explorer.look.style import DIFFERENCES, FONT_SIZE, LEVELS, ROW_HEIGHT, dressed, label
from wbcray.explorer.numbers.classes import ABSENT, FEWEST_IMAGES, TOO_FEW, against, per_class
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, measured, place_name
from wbcray.explorer.wording import interval, number, signed

FEW_METHODS = 7
TINY = 9
LEAST_REACH = 0.05
"""Of the colours of differences, so that noise in the third digit is not painted dark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One number of a class: its column, its name, and whether it is a difference."""

    column: str
    name: str
    difference: bool = False


F1 = Shown(column="f1", name="F1")
RECALL = Shown(column="recall", name="recall")


def _panel(tables: RunTables, choice: Choice) -> Panel:
    difference = Shown(column="f1_difference", name=f"F1 minus {choice.reference}", difference=True)
    return Panel(
        question="Who helps the rare classes?",
        how_to_read="One square per class and method, the rarest class on top; n counts different "
        f"images. Where a class has fewer than {FEWEST_IMAGES} images only n is shown, because its "
        "score is chance; a class that is not in this domain is hatched, as it has no score, which "
        "is not the same as 0. Point at a square for both 95 % intervals: Wilson's for recall, a "
        "bootstrap for F1, both by images. Two methods whose intervals overlap widely have not "
        "been told apart.",
        n="counts pooled over folds and seeds; images counted once",
        variants=tuple(
            Variant(
                label=f"{place_name(split, held_out)}: {shown.name}",
                draw=partial(_drawn, tables, choice, (split, held_out), shown),
            )
            for split, held_out in measured(tables)
            for shown in (F1, RECALL, difference)
        ),
        lacking="No cell is recorded yet: `wbcray compare` trains them.",
    )


def _drawn(tables: RunTables, choice: Choice, place: tuple[str, str], shown: Shown) -> Drawn:
    split, held_out = place
    rows = per_class(tables, split, held_out=held_out)
    if choice.classes:
        rows = rows[rows["class"].isin(choice.classes)]
    if shown.difference:
        rows = against(rows, reference=choice.reference)
        rows = rows[rows["method"] != choice.reference]
    figure = class_figure(rows, place=place_name(split, held_out), shown=shown)
    return Drawn(figure=figure, numbers=rows)


def class_figure(rows: pd.DataFrame, *, place: str, shown: Shown = F1) -> go.Figure:
    """One number of each class (rarest on top) and method; from `per_class` or `against`."""
    classes = list(dict.fromkeys(rows["class"]))
    methods = sorted(set(rows["method"]))
    images = rows.groupby("class")["images"].max()
    by_place = {(row["class"], row["method"]): row for row in rows.to_dict("records")}
    cells = [[by_place.get((name, method), {}) for method in methods] for name in classes]
    told = [[_is_told(cell, shown) for cell in row] for row in cells]
    across = [label(name) for name in methods]
    down = [class_label(name, int(images[name])) for name in classes]
    figure = go.Figure()
    figure.add_heatmap(
        x=across,
        y=down,
        z=np.where(
            told, [[cell.get(shown.column, np.nan) for cell in row] for row in cells], np.nan
        ),
        text=np.where(told, [[_cell_text(cell, shown) for cell in row] for row in cells], ""),
        texttemplate="%{text}",
        customdata=[[_cell_hover(cell) for cell in row] for row in cells],
        hovertemplate="%{y}, %{x}<br>%{customdata}<extra></extra>",
        colorbar={
            "title": {"text": label(shown.name), "font": {"size": FONT_SIZE}},
            "thickness": 12,
            "outlinewidth": 0,
        },
        xgap=2,
        ygap=2,
        **_colours(rows, shown),
    )
    # a heatmap colours its text for the square behind it, and here there is none
    figure.add_scatter(
        x=[across[j] for row in told for j, is_told in enumerate(row) if not is_told],
        y=[down[i] for i, row in enumerate(told) for is_told in row if not is_told],
        text=[
            _cell_text(cell, shown)
            for row, known in zip(cells, told, strict=True)
            for cell, is_told in zip(row, known, strict=True)
            if not is_told
        ],
        mode="text",
        textfont={"size": FONT_SIZE if len(methods) <= FEW_METHODS else TINY},
        hoverinfo="skip",
        showlegend=False,
    )
    absent = np.array([[cell.get("state") == ABSENT for cell in row] for row in cells], dtype=bool)
    figure.update_layout(shapes=hatching(absent))
    question = f"Who helps the rare classes on {label(place)}?"
    figure = dressed(figure, question, height=150 + ROW_HEIGHT * len(classes))
    figure.update_yaxes(range=[len(classes) - 0.5, -0.5], showgrid=False)
    slant = 0 if len(methods) <= FEW_METHODS else -90
    if slant:  # names stand between the title and the squares
        room = 30 + 7 * max(map(len, methods))
        figure.update_layout(margin_t=56 + room, height=figure.layout.height + room)
        figure.update_layout(title={"y": 0.985, "yref": "container", "yanchor": "top"})
    figure.update_xaxes(
        range=[-0.5, len(methods) - 0.5], showgrid=False, side="top", tickangle=slant
    )
    return figure


def class_label(name: str, images: int) -> str:
    """A class with its number of images, and a warning where that is too small."""
    if images == 0:
        return f"{label(name)}  absent"
    few = ", too few" if images < FEWEST_IMAGES else ""
    return f"{label(name)}  n={images}{few}"


def _colours(rows: pd.DataFrame, shown: Shown) -> dict[str, Any]:
    if not shown.difference:
        return {"colorscale": LEVELS, "zmin": 0, "zmax": 1}
    known = rows.loc[rows["f1_difference"].notna(), "f1_difference"].abs()
    reach = max([LEAST_REACH, *known.tolist()])
    return {"colorscale": DIFFERENCES, "zmid": 0, "zmin": -reach, "zmax": reach}


def _is_told(cell: dict[Any, Any], shown: Shown) -> bool:
    if not cell or cell["state"] in (ABSENT, TOO_FEW):
        return False
    return not np.isnan(cell[shown.column])


def _cell_text(cell: dict[Any, Any], shown: Shown) -> str:
    if not cell:
        return ""
    if cell["state"] == ABSENT:
        return "absent"
    if cell["state"] == TOO_FEW:
        return f"n={cell['images']}"
    return signed(cell[shown.column]) if shown.difference else number(cell[shown.column])


def _cell_hover(cell: dict[Any, Any]) -> str:
    if not cell:
        return "not judged here"
    if cell["state"] == ABSENT:
        return "no image of it in this domain"
    if cell["state"] == TOO_FEW:
        return f"cannot be measured: n={cell['images']}"
    lines = [
        f"{name} {number(cell[column])} (95 %: {_range(cell[low], cell[high])})"
        for name, column, low, high in (
            ("F1", "f1", "f1_low", "f1_high"),
            ("recall", "recall", "low", "high"),
        )
    ]
    if "f1_difference" in cell:
        lines.append(f"F1 against the reference {signed(cell['f1_difference'])}")
    return "<br>".join([*lines, f"{cell['images']} images, {cell['judgements']} judgements"])


def _range(low: float, high: float) -> str:
    return interval(low, high).replace("+", "")


CLASSES = View(anchor="classes", short="Classes", build=_panel)
