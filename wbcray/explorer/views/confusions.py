"""What does one method trade against another?"""

from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.core.hematology import lineage_order
from wbcray.explorer.choice import Choice
from wbcray.explorer.look.hatching import WIDTH, hatching
from wbcray.explorer.look.style import DIFFERENCES, LEVELS, SMALL, dressed, label
from wbcray.explorer.numbers.classes import FEWEST_IMAGES, ConfusionPair, confusion_pair
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, measured, place_name
from wbcray.explorer.views.classes import class_label
from wbcray.explorer.wording import MINUS

Floats = npt.NDArray[np.float64]

FEW_CLASSES = 8
TINY = 8
SHOWN_SHARE = 0.005
NO_COLOR = "#d5d8db"
_LEVEL_HOVER = (
    "true %{y}, predicted %{x}<br>%{z:.1%}, %{customdata[2]} of %{customdata[3]} judgements"
    "<extra></extra>"
)
_DIFFERENCE_HOVER = (
    "true %{y}, predicted %{x}<br>%{z:+.1%} of the true class<br>"
    "%{customdata[2]} of %{customdata[3]} against %{customdata[4]} of %{customdata[5]} judgements"
    "<extra></extra>"
)


def _panel(tables: RunTables, choice: Choice) -> Panel:
    return Panel(
        question=f"What does {choice.rival or 'the best method'} trade against {choice.reference}?",
        how_to_read="Left and middle: of the images of a true class (row), the percentage given "
        "each predicted class (column); shares under 0.5 % are left blank. Right: the difference "
        "in percentage points, orange for more and violet for less. On the diagonal more is "
        "better, off it less is. Classes stand by lineage and maturation, so confusions of "
        "neighbours lie beside the diagonal. A grey row rests on fewer than "
        f"{FEWEST_IMAGES} images, a hatched one is of a class that is not in this domain. With "
        "classes chosen above, only their rows are drawn.",
        n="counts pooled over folds and seeds; n in the rows counts different images",
        variants=tuple(
            Variant(
                label=place_name(split, held_out),
                draw=partial(_drawn, tables, choice, (split, held_out)),
            )
            for split, held_out in measured(tables)
            if _rivals(tables, choice, split, held_out)
        ),
        lacking=f"There are not two methods to compare: `wbcray compare --methods "
        f"{choice.reference},...` trains them.",
    )


def rival_of(tables: RunTables, choice: Choice, split: str, held_out: str) -> str:
    """The other method: the chosen one, else the best by macro F1 that is not the reference.

    What an oracle chose is nobody's rival. Empty where there is none, or no reference.
    """
    rivals = _rivals(tables, choice, split, held_out)
    if choice.rival in rivals or not rivals:
        return choice.rival if rivals else ""
    scores = fold_scores(tables, split)
    own = scores[(scores["held_out"] == held_out) & scores["method"].isin(rivals)]
    means = own.groupby("method")["macro_f1"].mean()
    return max(rivals, key=lambda name: (float(means.get(name, -1.0)), name))


def _rivals(tables: RunTables, choice: Choice, split: str, held_out: str) -> frozenset[str]:
    """Methods that were judged there beside the reference; none where that was not."""
    rows = tables.confusion
    there = (rows["split"] == split) & (rows["held_out"] == held_out)
    methods = set(rows["method"][there].unique())
    if choice.reference not in methods:
        return frozenset()
    return frozenset(methods - {choice.reference} - tables.oracle)


def _drawn(tables: RunTables, choice: Choice, place: tuple[str, str]) -> Drawn:
    split, held_out = place
    rival = rival_of(tables, choice, split, held_out)
    names = {"first": choice.reference, "second": rival}
    pair = confusion_pair(tables, split, held_out=held_out, **names)
    figure = confusion_figure(pair, place=place_name(split, held_out), rows=choice.classes)
    return Drawn(figure=figure, numbers=_numbers(pair, choice.classes))


def confusion_figure(pair: ConfusionPair, *, place: str, rows: tuple[str, ...] = ()) -> go.Figure:
    """Two confusion tables in shares of the true class, and the second minus the first.

    Every square carries its true and its predicted class as the first two of its `customdata`, so
    that a click can ask for its images; `rows` are the true classes to show, all where empty.
    """
    across = list(lineage_order(pair.classes))
    down = [place for place in across if not rows or pair.classes[place] in rows]
    grid = np.ix_(down, across)
    names = [label(pair.classes[place]) for place in across]
    labels = [class_label(pair.classes[place], pair.images[place]) for place in down]
    titles = [label(pair.first_name), label(pair.second_name)]
    figure = make_subplots(
        rows=1,
        cols=3,
        shared_yaxes=True,
        horizontal_spacing=0.025,
        subplot_titles=[*titles, f"{titles[1]} minus {titles[0]}"],
    )
    where = {"x": names, "y": labels}
    counts = [pair.counts_first, pair.counts_second]
    images = np.array(pair.images)[down]
    for column, shares in enumerate((pair.first, pair.second), start=1):
        told = _told(pair, [counts[column - 1]])[grid]
        for trace in _parted(_levels(shares[grid], told, **where), images):
            figure.add_trace(trace, row=1, col=column)
    told = _told(pair, counts[::-1])[grid]
    trace = _difference(pair.difference[grid], images >= FEWEST_IMAGES, told, **where)
    for part in _parted(trace, images):
        figure.add_trace(part, row=1, col=3)
    absent = np.repeat((images == 0)[:, None], len(across), axis=1)
    figure.update_layout(
        shapes=[
            shape
            for axes in ("", "2", "3")
            for shape in hatching(absent, axes=axes, width=WIDTH // 3)
        ]
    )
    question = f"What does {titles[1]} trade on {label(place)}?"
    figure = dressed(figure, question, height=230 + max(22, 34 - len(names)) * max(len(down), 2))
    few = len(names) <= FEW_CLASSES
    figure.update_traces(textfont={"size": SMALL if few else TINY})
    figure.update_yaxes(
        range=[len(labels) - 0.5, -0.5],
        categoryorder="array",
        categoryarray=labels,
        showgrid=False,
    )
    figure.update_yaxes(title={"text": "true class", "standoff": 12}, col=1)
    ticks = {} if few else {"tickfont": {"size": SMALL}}
    figure.update_xaxes(
        tickangle=-45 if few else -90, showgrid=False, title_text="predicted class", **ticks
    )
    return figure


def _told(pair: ConfusionPair, counts: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.object_]:
    """[true, predicted] of true and predicted class, then each table's count and row total."""
    size = len(pair.classes)
    told = np.empty((size, size, 2 + 2 * len(counts)), dtype=object)
    told[..., 0] = np.array(pair.classes, dtype=object)[:, None]
    told[..., 1] = np.array(pair.classes, dtype=object)[None, :]
    for number, table in enumerate(counts):
        told[..., 2 + 2 * number] = table
        told[..., 3 + 2 * number] = table.sum(axis=1)[:, None]
    return told


def _levels(shares: Floats, told: npt.NDArray[np.object_], **where: list[str]) -> go.Heatmap:
    return go.Heatmap(
        **where,
        z=shares,
        text=_percent(shares, sign=""),
        texttemplate="%{text}",
        customdata=told,
        hovertemplate=_LEVEL_HOVER,
        colorscale=LEVELS,
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=1,
        ygap=1,
    )


def _difference(
    difference: Floats,
    measured_rows: npt.NDArray[np.bool_],
    told: npt.NDArray[np.object_],
    **where: list[str],
) -> go.Heatmap:
    """The difference; classes with too few images do not set the scale of its colours."""
    rows = difference[measured_rows]
    known = np.abs(rows[~np.isnan(rows)])
    reach = max(float(known.max(initial=0.0)), 0.05)
    return go.Heatmap(
        **where,
        z=difference,
        text=_percent(difference, sign="+"),
        texttemplate="%{text}",
        customdata=told,
        hovertemplate=_DIFFERENCE_HOVER,
        colorscale=DIFFERENCES,
        zmid=0,
        zmin=-reach,
        zmax=reach,
        showscale=False,
        xgap=1,
        ygap=1,
    )


def _parted(table: go.Heatmap, images: npt.NDArray[np.int64]) -> list[go.Heatmap]:
    """The table without its rows of too few images, and those apart in one flat grey."""
    few = (images > 0) & (images < FEWEST_IMAGES)
    if not few.any():
        return [table]
    flat = {"colorscale": [[0, NO_COLOR], [1, NO_COLOR]]}
    return [_only(table, ~few), _only(table, few).update(**flat)]


def _only(table: go.Heatmap, rows: npt.NDArray[np.bool_]) -> go.Heatmap:
    """The table with these rows; the others are empty, because Plotly puts rows by their number."""
    values = np.where(rows[:, None], np.array(table.z, dtype=np.float64), np.nan)
    texts = [row if kept else [""] * len(row) for row, kept in zip(table.text, rows, strict=True)]
    return go.Heatmap(table).update(z=values, text=texts, hoverongaps=False)


def _percent(values: Floats, *, sign: str) -> list[list[str]]:
    """Whole percents; nothing where the share is next to nothing, so that the rest stands out."""
    return [
        ["" if np.isnan(v) or abs(v) < SHOWN_SHARE else _whole(100 * v, sign) for v in row]
        for row in values
    ]


def _whole(percent: float, sign: str) -> str:
    return f"{percent:{sign}.0f}".replace("-", MINUS)


def _numbers(pair: ConfusionPair, rows: tuple[str, ...]) -> pd.DataFrame:
    names = pd.MultiIndex.from_product([pair.classes, pair.classes], names=["true", "predicted"])
    frame = pd.DataFrame(
        {
            f"{pair.first_name}: images": pair.counts_first.ravel(),
            f"{pair.first_name}: share": pair.first.ravel(),
            f"{pair.second_name}: images": pair.counts_second.ravel(),
            f"{pair.second_name}: share": pair.second.ravel(),
            "difference": pair.difference.ravel(),
        },
        index=names,
    ).reset_index()
    return frame[frame["true"].isin(rows)] if rows else frame


CONFUSIONS = View(anchor="confusions", short="Confusions", build=_panel)
