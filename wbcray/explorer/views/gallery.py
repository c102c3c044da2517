"""Which images are misread?"""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import SMALL, dressed, label
from wbcray.explorer.numbers.judged_images import NOT_KEPT, judged_images, kept_outputs
from wbcray.explorer.numbers.misread import Answers, answers_of, disagreements, misread
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.reading.thumbnails import Thumbnail, thumbnails
from wbcray.explorer.view import Drawn, Panel, Variant, View, place_name
from wbcray.explorer.views.confusions import rival_of
from wbcray.explorer.wording import many

DISAGREEMENT = "disagreement"
MOST = 24
"""Images of one figure; the numbers behind it list the next ones too."""

LISTED = 300
ACROSS = 6
PICTURE = 0.78
"""Width of a picture, in widths of a place."""

HEIGHT_OF_ROW = 236
ROOM = 1.5
"""Height of a place, in widths of one: the picture, its scale bar and five lines of text."""

LINE = 24
"""Characters that fit beside each other under a picture."""

BAR_UM = 5
BAR_COLOR = "rgba(128,136,148,1)"
GONE = "The decoded pixels are gone or have changed: `wbcray data prepare` makes them again."


def _panel(tables: RunTables, choice: Choice) -> Panel:
    kept = kept_outputs(tables)
    places = dict.fromkeys((s, h) for method, s, h in kept if method == choice.reference)
    paired = {(s, h) for method, s, h in kept if method != choice.reference}
    rival = choice.rival or "the best method"
    what = (
        f" ({choice.true or 'any'} read as {choice.predicted or 'any'})" if _asked(choice) else ""
    )
    return Panel(
        question=f"Which images are misread{what}?",
        how_to_read=f"Above: mistakes of {choice.reference}, of {rival}, or images that only one "
        "of the two reads rightly. Under each picture its true class, then the answer of both with "
        "its probability, the mean over networks. The surest mistakes come first, or the widest "
        f"disagreements. The bar under a picture is {BAR_UM} micrometres; without a bar the scale "
        "is not known. Click a square of the confusions to see its images alone. Images are named "
        "by an id that says nothing of their file.",
        n=f"at most {MOST} images are drawn",
        variants=tuple(
            Variant(
                label=f"{place_name(split, held_out)}: {kind}",
                draw=partial(_drawn, tables, choice, (split, held_out), kind),
            )
            for split, held_out in places
            for kind in (
                f"mistakes of {choice.reference}",
                *([f"mistakes of {rival}", DISAGREEMENT] if (split, held_out) in paired else []),
            )
        ),
        lacking=NOT_KEPT,
    )


def _asked(choice: Choice) -> str:
    if not (choice.true or choice.predicted):
        return ""
    return f" ({choice.true or 'any class'} read as {choice.predicted or 'any other'})"


def _drawn(tables: RunTables, choice: Choice, place: tuple[str, str], kind: str) -> Drawn:
    split, held_out = place
    rival = rival_of(tables, choice, split, held_out)
    names = (choice.reference, rival)
    first, second = (_answers(tables, name, split, held_out) for name in names)
    classes = tables.facts.classes
    asked = {"true": choice.true, "predicted": choice.predicted}
    if kind == DISAGREEMENT:
        rows = pd.DataFrame()
        if first is not None and second is not None:
            rows = disagreements(first, second, classes, **asked)
    elif kind == f"mistakes of {choice.reference}":
        rows = pd.DataFrame() if first is None else misread(first, second, classes, **asked)
    else:
        names = names[::-1]
        rows = pd.DataFrame() if second is None else misread(second, first, classes, **asked)
    shown = rows.head(MOST)
    pictures = thumbnails(tables, list(shown["image"]) if len(shown) else [])
    figure = gallery_figure(shown, pictures, names=names)
    place_of = label(place_name(split, held_out))
    figure.update_layout(title_text=f"Which images are misread on {place_of}?")
    more = f", the first {MOST} shown" if len(rows) > MOST else ""
    gone = "" if pictures or shown.empty else f". {GONE}"
    told = f"{label(kind)}: {many(len(rows), 'image')}{more}{gone}"
    return Drawn(figure=remarked(figure, told, clear=4), numbers=rows.head(LISTED))


def _answers(tables: RunTables, method: str, split: str, held_out: str) -> Answers | None:
    found = judged_images(tables, method, split, held_out=held_out) if method else None
    return None if found is None else answers_of(found, tables.facts.classes)


def gallery_figure(
    rows: pd.DataFrame, pictures: dict[str, Thumbnail], *, names: tuple[str, str]
) -> go.Figure:
    """Pictures in a grid with both methods' answers; from `misread` or `disagreements`."""
    figure = go.Figure()
    if rows.empty:
        figure = dressed(figure, "", height=160)
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
        return figure
    lines = max(1, -(-len(rows) // ACROSS))
    images: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    scales: list[tuple[float, float]] = []
    for place, row in enumerate(rows.to_dict("records")):
        left, top = float(place % ACROSS), -(place // ACROSS) * ROOM
        picture = pictures.get(str(row["image"]))
        if picture is None:
            shapes.append(_frame(left, top))
            continue
        images.append(
            {
                "source": picture.uri,
                "xref": "x",
                "yref": "y",
                "x": left,
                "y": top,
                "sizex": PICTURE,
                "sizey": PICTURE,
                "xanchor": "left",
                "yanchor": "top",
                "sizing": "stretch",
            }
        )
        if picture.um:
            shapes.append(_bar(left, top - PICTURE - 0.04, picture.um))
            scales.append((shapes[-1]["x1"] + 0.02, top - PICTURE - 0.04))
    x = [place % ACROSS for place in range(len(rows))]
    y = [-(place // ACROSS) * ROOM for place in range(len(rows))]
    records = rows.to_dict("records")
    figure.add_scatter(
        x=[left + PICTURE / 2 for left in x],
        y=[top - PICTURE / 2 for top in y],
        mode="markers",
        marker={"size": 60, "opacity": 0, "symbol": "square"},
        text=[_hover(row, names) for row in records],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    figure.add_scatter(
        x=[right for right, _ in scales],
        y=[at for _, at in scales],
        mode="text",
        text=[f"{BAR_UM} µm"] * len(scales),
        textposition="middle right",
        textfont={"size": SMALL - 2},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=x,
        y=[top - PICTURE - 0.09 for top in y],
        mode="text",
        text=[_caption(row, names) for row in records],
        textposition="bottom right",
        textfont={"size": SMALL},
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )
    figure = dressed(figure, "", height=110 + HEIGHT_OF_ROW * lines)
    figure.update_layout(images=images, shapes=shapes)
    _keep_square(figure, lines)
    return figure


def _keep_square(figure: go.Figure, lines: int) -> None:
    """No axes to be seen, and one length on both: a stretched nucleus is another finding."""
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": False}
    square = {"constrain": "domain", "fixedrange": True}
    figure.update_xaxes(**bare, **square, range=[-0.02, ACROSS], constraintoward="left")
    figure.update_yaxes(
        **bare, **square, range=[-lines * ROOM, 0.02], constraintoward="top", scaleanchor="x"
    )


def _frame(left: float, top: float) -> dict[str, Any]:
    """In place of a picture whose pixels are gone."""
    ends = {"x0": left, "x1": left + PICTURE, "y0": top - PICTURE, "y1": top}
    return {"type": "rect", **ends, "line": {"color": BAR_COLOR, "width": 1, "dash": "dot"}}


def _bar(left: float, y: float, um: float) -> dict[str, Any]:
    width = min(BAR_UM / um, 1.0) * PICTURE
    ends = {"x0": left, "x1": left + width, "y0": y, "y1": y}
    return {"type": "line", **ends, "line": {"color": BAR_COLOR, "width": 3}}


def _caption(row: dict[Any, Any], names: tuple[str, str]) -> str:
    lines = [f"<b>{_short(row['true'])}</b>"]
    for name, place in zip(names, ("first", "second"), strict=True):
        if isinstance(row[place], str):
            said = [f"{_short(name, 16)} {_percent(row, place)}:", _short(row[place])]
            together = " ".join(said)
            lines += [together] if len(together) <= LINE else said
    return "<br>".join(lines)


def _hover(row: dict[Any, Any], names: tuple[str, str]) -> str:
    lines = [f"{label(row['image'])}, {label(row['domain'])}", f"true {label(row['true'])}"]
    for name, place in zip(names, ("first", "second"), strict=True):
        if isinstance(row[place], str):
            lines.append(
                f"{label(name)}: {label(row[place])} {_percent(row, place)}, said by "
                f"{row[f'{place}_networks']:.0%} of networks; true class "
                f"{row[f'{place}_true']:.0%}"
            )
    return "<br>".join(lines)


def _percent(row: dict[Any, Any], place: str) -> str:
    share = row[f"{place}_confidence"]
    return "" if np.isnan(share) else f"{share:.0%}"


def _short(name: object, most: int = 22) -> str:
    text = str(name)
    return label(text if len(text) <= most else f"{text[: most - 1]}…")


GALLERY = View(anchor="gallery", short="Gallery", build=_panel)
