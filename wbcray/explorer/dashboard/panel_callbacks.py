"""Answers of the panels: what a reader looks at is drawn, and nothing else.

The browser decides which panel wants a picture (`assets/explorer.js`); the server draws it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import dash
from dash import (
    MATCH,
    ClientsideFunction,
    Input,
    Output,
    Patch,
    State,
    ctx,
    no_update,
    set_props,
)

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.downloads import csv_address
from wbcray.explorer.dashboard.numbers import numbers_grid
from wbcray.explorer.dashboard.panels import part_id
from wbcray.explorer.dashboard.pictures import VIEWS, Picture, Pictures, themed
from wbcray.explorer.dashboard.shell import page_of
from wbcray.explorer.dashboard.trouble import explained
from wbcray.explorer.reading.live import LiveRun
from wbcray.explorer.view import Panel
from wbcray.explorer.wording import ORACLE_NOTE

GALLERY = "gallery"
PARTS = ("question", "how", "n", "message", "figure", "figure-box", "redraw", "csv", "shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which picture a panel wants.

    Attributes:
        redraws: How often the reader asked for new axes.
        zoomed: Whether the reader has moved the axes of the figure that is there.
    """

    search: str = ""
    variant: str = ""
    dark: bool = False
    redraws: int = 0
    zoomed: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Wanted":
        """From what the browser sent."""
        return cls(
            search=str(data.get("search") or ""),
            variant=str(data.get("variant") or ""),
            dark=bool(data.get("dark")),
            redraws=int(data.get("redraws") or 0),
            zoomed=bool(data.get("zoomed")),
        )


def register_panels(app: dash.Dash, live: LiveRun, pictures: Pictures) -> None:
    """Let the panels answer."""
    _register_wants(app)
    _register_numbers(app, live, pictures)
    _register_clicks(app, live)

    @app.callback(
        Output(part_id("question", MATCH), "children"),
        Output(part_id("how", MATCH), "children"),
        Output(part_id("n", MATCH), "children"),
        Output(part_id("message", MATCH), "children"),
        Output(part_id("figure", MATCH), "figure"),
        Output(part_id("figure-box", MATCH), "className"),
        Output(part_id("redraw", MATCH), "hidden"),
        Output(part_id("csv", MATCH), "href"),
        Output(part_id("csv", MATCH), "hidden"),
        Output(part_id("shown", MATCH), "data"),
        Input(part_id("wanted", MATCH), "data"),
        State(part_id("shown", MATCH), "data"),
        prevent_initial_call=True,
    )
    def draw(wanted: Mapping[str, Any] | None, shown: Mapping[str, Any] | None) -> Any:
        snapshot = live.snapshot()
        anchor = str(ctx.triggered_id["anchor"])
        tables = snapshot.tables
        if not wanted or tables is None or anchor not in VIEWS:
            return (no_update,) * 10
        pictures.stir()
        want = Wanted.from_json(wanted)
        choice = Choice.from_query(want.search).within(tables)
        version = snapshot.version
        try:
            panel = pictures.panel(tables, choice, anchor, version=version)
            picture = pictures.picture(tables, choice, anchor, want.variant, version=version)
        except Exception as error:  # noqa: BLE001  # told on the panel
            message = explained(error, what=f"'{VIEWS[anchor].short}'")
            return (*(no_update,) * 3, message, _NOTHING, "scroll empty", True, "", True, None)
        _offer(panel, anchor, picture)
        texts = (panel.question, f"How to read: {panel.how_to_read}", f"n: {panel.n}")
        if picture is None:
            return (*texts, panel.lacking, _NOTHING, "scroll empty", True, "", True, None)
        figure, stale = _figure(picture, want, shown or {})
        return (
            *texts,
            ORACLE_NOTE if picture.peeked else "",
            figure,
            "scroll",
            not stale,
            csv_address(anchor, choice, picture.label),
            False,
            no_update if stale else _state(picture, want),
        )


_NOTHING: dict[str, Any] = {"data": [], "layout": {"height": 10}}


def _offer(panel: Panel, anchor: str, picture: Picture | None) -> None:
    """Name the variants; not by an output, because the choice among them is an input."""
    labels = [variant.label for variant in panel.variants]
    set_props(
        part_id("variant", anchor),
        {
            "data": labels,
            "value": picture.label if picture else None,
        },
    )
    set_props(part_id("chooser", anchor), {"hidden": len(labels) < 2})  # noqa: PLR2004  # a choice


def _state(picture: Picture, want: Wanted) -> dict[str, Any]:
    return {
        "search": want.search,
        "variant": picture.label,
        "axes": picture.axes,
        "redraws": want.redraws,
    }


def _figure(picture: Picture, want: Wanted, shown: Mapping[str, Any]) -> tuple[Any, bool]:
    """The figure, as a patch where the same one is there already; and whether it has to wait.

    A whole figure would take a reader's zoom away.
    """
    layout = themed(picture.layout, dark=want.dark)
    now = _state(picture, want)
    if {**now, "axes": ""} != {**shown, "axes": ""}:
        return {"data": picture.data, "layout": layout}, False
    if now["axes"] == shown.get("axes"):
        patch = Patch()
        patch["data"] = picture.data
        for name, value in layout.items():
            if "axis" not in name:
                patch["layout"][name] = value
        return patch, False
    if want.zoomed:
        return no_update, True
    return {"data": picture.data, "layout": layout}, False


def _register_wants(app: dash.Dash) -> None:
    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash types its other half
        ClientsideFunction("wbcray", "want"),
        Output(part_id("wanted", MATCH), "data"),
        Input(part_id("seen", MATCH), "data"),
        Input(part_id("variant", MATCH), "value"),
        Input(part_id("redraw", MATCH), "n_clicks"),
        State("place", "search"),
        State("version", "data"),
        State("dark", "data"),
        State(part_id("wanted", MATCH), "data"),
        State(part_id("shown", MATCH), "data"),
        State(part_id("wanted", MATCH), "id"),
    )

    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash types its other half
        ClientsideFunction("wbcray", "askAgain"),
        Output("main", "title"),  # a callback has to have one; it never changes
        Input("place", "search"),
        Input("version", "data"),
        Input("dark", "data"),
    )


def _register_numbers(app: dash.Dash, live: LiveRun, pictures: Pictures) -> None:
    @app.callback(
        Output(part_id("numbers", MATCH), "children"),
        Input(part_id("open-numbers", MATCH), "n_clicks"),
        Input(part_id("shown", MATCH), "data"),
        prevent_initial_call=True,
    )
    def numbers(clicks: int | None, shown: Mapping[str, Any] | None) -> Any:
        snapshot = live.snapshot()
        anchor = str(ctx.triggered_id["anchor"])
        if not (clicks or 0) % 2 or not shown or snapshot.tables is None or anchor not in VIEWS:
            return None
        choice = Choice.from_query(str(shown.get("search") or "")).within(snapshot.tables)
        label = str(shown.get("variant") or "")
        try:
            picture = pictures.picture(
                snapshot.tables, choice, anchor, label, version=snapshot.version
            )
        except Exception as error:  # noqa: BLE001  # told on the panel
            return explained(error, what="The numbers")
        return picture and numbers_grid(picture.numbers)


def _register_clicks(app: dash.Dash, live: LiveRun) -> None:
    """A click on a square of a confusion opens its images."""

    @app.callback(
        # its `href` alone would change the address and not the page
        Output("place", "pathname"),
        Output("place", "search", allow_duplicate=True),
        Output("place", "hash"),
        Input("clicked", "data"),
        State("place", "search"),
        prevent_initial_call=True,
    )
    def opened(clicked: Mapping[str, Any] | None, search: str | None) -> Any:
        tables = live.snapshot().tables
        path = page_of(GALLERY)
        pair = clicked_pair(clicked, tables.facts.classes if tables else ())
        if pair is None or not path:
            return (no_update,) * 3
        choice = replace(Choice.from_query(search or ""), true=pair[0], predicted=pair[1])
        return path, f"?{choice.as_query()}", f"#{GALLERY}"


def clicked_pair(
    clicked: Mapping[str, Any] | None, classes: tuple[str, ...]
) -> tuple[str, str] | None:
    """The true and the predicted class that a clicked point names first, if it names some."""
    data = (clicked or {}).get("named")
    named = [data.get("true"), data.get("predicted")] if isinstance(data, dict) else data
    if isinstance(named, list) and len(named) > 1 and set(map(str, named[:2])) <= set(classes):
        return str(named[0]), str(named[1])
    return None
