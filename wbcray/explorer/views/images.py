"""How skewed are the data?"""

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.hatching import hatching
from wbcray.explorer.look.style import LEVELS, ROW_HEIGHT, SMALL, dressed, label
from wbcray.explorer.numbers.classes import images_of_classes
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many

NOT_MEASURED = "?"
NO_LABEL = "no label"
"""Of a class that the domain's data set has no label for; 0 is a label without images."""

FEW_CLASSES = 8


def _panel(tables: RunTables, choice: Choice) -> Panel:
    images = images_of_classes(tables)
    number = images.sum().sum()
    return Panel(
        question="How skewed are the data?",
        how_to_read="Images of each class in each domain; darker is more, on a logarithmic scale. "
        "0 is a class without images, a hatched square one that the data set cannot have, because "
        f"no label of it means this class. '{NOT_MEASURED}' is a domain that nothing was measured "
        "on.",
        n=many(int(number), "image"),
        variants=(Variant(label="images", draw=lambda: _drawn(tables, choice, images)),)
        if number
        else (),
        lacking="No cell is recorded yet: `wbcray compare` trains them.",
    )


def _drawn(tables: RunTables, choice: Choice, images: pd.DataFrame) -> Drawn:
    if choice.classes:
        images = images[list(choice.classes)]
    labelled = _has_label(tables, images)
    numbers = images.rename_axis(index="domain").reset_index()
    return Drawn(figure=images_figure(images, labelled), numbers=numbers)


def _has_label(tables: RunTables, images: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether a domain's data set can have a class at all; True where the run does not say."""
    found = np.ones(images.shape, dtype=bool)
    for one in tables.overview.domains if tables.overview else ():
        if one.name in images.index and one.unlabelled < one.images:
            row = list(images.index).index(one.name)
            found[row] = [one.counts.get(name, 0) is not None for name in images.columns]
    return found


def images_figure(images: pd.DataFrame, labelled: npt.NDArray[np.bool_] | None = None) -> go.Figure:
    """Images per domain and class on a logarithmic colour; from `images_of_classes`.

    `labelled` says of each square whether the domain's data set has a label for the class.
    """
    values = images.to_numpy(dtype=np.float64)
    can = np.ones(values.shape, dtype=bool) if labelled is None else labelled
    logs = np.log10(values, out=np.full(values.shape, np.nan), where=values > 0)
    text = [
        [_text(value, can=possible) for value, possible in zip(row, line, strict=True)]
        for row, line in zip(values.tolist(), can.tolist(), strict=True)
    ]
    across, down = ([label(name) for name in axis] for axis in (images.columns, images.index))
    figure = go.Figure()
    figure.add_heatmap(
        x=across,
        y=down,
        z=logs,
        text=np.where(np.isnan(logs), "", text),
        texttemplate="%{text}",
        colorscale=LEVELS,
        zmin=0,
        showscale=False,
        xgap=2,
        ygap=2,
        customdata=text,
        hovertemplate="%{y}, %{x}: %{customdata} images<extra></extra>",
    )
    bare = np.argwhere(np.isnan(logs)).tolist()
    figure.add_scatter(
        x=[across[column] for _, column in bare],
        y=[down[row] for row, _ in bare],
        text=[text[row][column] for row, column in bare],
        mode="text",
        textfont={"size": SMALL},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_layout(shapes=hatching(_never(values, can)))
    height = (150 if len(across) <= FEW_CLASSES else 190) + ROW_HEIGHT * len(images)
    figure = dressed(figure, "How skewed are the data?", height=height)
    figure.update_yaxes(range=[len(down) - 0.5, -0.5], showgrid=False)
    slant = 0 if len(across) <= FEW_CLASSES else -35
    figure.update_xaxes(range=[-0.5, len(across) - 0.5], showgrid=False, tickangle=slant)
    return figure


def _never(values: npt.NDArray[np.float64], can: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The squares that cannot have an image, and have none."""
    return ~can & ~(values > 0)


def _text(value: float, *, can: bool) -> str:
    if not can and not value > 0:
        return NO_LABEL
    return NOT_MEASURED if np.isnan(value) else f"{value:,.0f}"


IMAGES = View(anchor="data", short="Data", build=_panel)
