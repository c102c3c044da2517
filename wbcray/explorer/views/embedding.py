"""Do domains mix, and do classes keep apart?"""

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.class_colours import class_colours
from wbcray.explorer.look.style import COLORS, REFERENCE_COLOR, dressed, label, shades
from wbcray.explorer.numbers.embedding import FEWEST_POINTS, MOST_POINTS, map_of, spread_evenly
from wbcray.explorer.numbers.judged_images import NOT_KEPT, kept_outputs, shown_methods
from wbcray.explorer.numbers.networks import networks
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View

HEIGHT = 620
RIGHT, WRONG = "right", "wrong"
COLOURED_BY = ("class", "domain", "error")


def _panel(tables: RunTables, choice: Choice) -> Panel:
    kept = kept_outputs(tables)
    there = {(method, held_out) for method, _, held_out in kept}
    methods = shown_methods(kept, choice)
    places = [(m, h) for h in tables.held_out for m in methods if (m, h) in there]
    return Panel(
        question="Do domains mix, and do classes keep apart?",
        how_to_read="Each mark is an image, placed by t-SNE (van der Maaten & Hinton 2008) on the "
        "first 30 principal components of its features, with a fixed seed. Near neighbours mean "
        "something; sizes of groups and distances between far ones do not. All images are of one "
        "network, the first fold's, because features of two networks do not compare. Of many "
        "methods, the reference and those chosen above are drawn.",
        n=f"at most {MOST_POINTS:,} images, taken in turn from every domain and class",
        variants=tuple(
            Variant(
                label=f"{method}, {held_out} held out: {by}",
                draw=partial(_drawn, tables, method, held_out, by),
            )
            for method, held_out in places
            for by in COLOURED_BY
        ),
        lacking=NOT_KEPT,
    )


def _drawn(tables: RunTables, method: str, held_out: str, by: str) -> Drawn:
    one = networks(tables, method, held_out=held_out)[0]
    rows = spread_evenly(one.images)
    images = one.images.iloc[rows].reset_index(drop=True)
    if len(images) < FEWEST_POINTS:
        places = np.zeros((len(images), 2))
    else:
        places = map_of(one.features[rows])
    shown = images.assign(x=places[:, 0], y=places[:, 1])
    shown["error"] = np.where(shown["true"] == shown["predicted"], RIGHT, WRONG)
    column = {"class": "true", "domain": "domain", "error": "error"}[by]
    order = {
        "true": tables.facts.classes,
        "domain": tables.facts.domains,
        "error": (RIGHT, WRONG),
    }[column]
    figure = map_figure(shown, column=column, order=order)
    question = f"Do domains mix for {label(method)}, {label(held_out)} held out?"
    figure.update_layout(title_text=question)
    return Drawn(figure=figure, numbers=shown)


def map_figure(shown: pd.DataFrame, *, column: str, order: tuple[str, ...]) -> go.Figure:
    """The map coloured by one column, whose values stand in the legend in `order`."""
    figure = go.Figure()
    colours = shades(order) if column == "domain" else class_colours(order)
    if column == "error":
        colours = {RIGHT: REFERENCE_COLOR, WRONG: COLORS[1]}
    for name in order:
        block = shown[shown[column] == name]
        if block.empty:
            continue
        figure.add_scattergl(
            x=block["x"].round(2),
            y=block["y"].round(2),
            mode="markers",
            marker={
                "color": colours[name],
                "size": 5,
                "opacity": 0.75,
            },
            name=f"{label(name)}  n={len(block)}",
            text=[
                f"{label(row['image'])}, {label(row['domain'])}<br>true {label(row['true'])}, "
                f"predicted {label(row['predicted'])}"
                for row in block.to_dict("records")
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    figure = dressed(figure, "", height=HEIGHT)
    figure.update_layout(
        legend={"orientation": "v", "x": 1.02, "y": 1, "yanchor": "top", "itemsizing": "constant"}
    )
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": False}
    figure.update_xaxes(**bare)
    figure.update_yaxes(**bare)
    return figure


EMBEDDING = View(anchor="embedding", short="Embedding", build=_panel)
