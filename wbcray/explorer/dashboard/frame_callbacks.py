"""Answers of the frame: page, filters and address in step, the overview, the state of the run."""

import time
from typing import Any

import dash
from dash import ALL, ClientsideFunction, Input, Output, State, ctx, no_update

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.filters import NAMES, chosen, control_id, controls
from wbcray.explorer.dashboard.overview import above, banners, below
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.dashboard.searches import PATH, Searches
from wbcray.explorer.dashboard.shell import page_content
from wbcray.explorer.dashboard.trouble import explained, problem
from wbcray.explorer.reading.live import LiveRun, Snapshot
from wbcray.explorer.wording import many


def register_frame(app: dash.Dash, live: LiveRun, pictures: Pictures, searches: Searches) -> None:
    """Let the frame answer."""
    _register_state(app, live)
    _register_filters(app, live)
    _register_overview(app, live, pictures)

    @app.callback(Output("main", "children"), Input("place", "pathname"))
    def page(path: str | None) -> Any:
        beside = searches.shown() if path == PATH else None
        return [beside, *page_content(path or "/")]

    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash types its other half
        ClientsideFunction("wbcray", "links"),
        Output({"type": "nav", "path": ALL}, "href"),
        Output({"type": "nav", "path": ALL}, "className"),
        Input("place", "search"),
        Input("place", "pathname"),
        State({"type": "nav", "path": ALL}, "id"),
    )


def _register_state(app: dash.Dash, live: LiveRun) -> None:
    @app.callback(
        Output("version", "data"),
        Output("status", "children"),
        Output("problem", "children"),
        Output("banners", "children"),
        Input("poll", "n_intervals"),
        State("version", "data"),
    )
    def state(ticks: int | None, known: int | None) -> Any:
        snapshot = live.snapshot()
        if snapshot.version == known and ticks:
            return (no_update,) * 4
        tables = snapshot.tables
        return (
            snapshot.version if tables is not None and snapshot.version != known else no_update,
            state_of(snapshot),
            problem(snapshot.problem) if snapshot.problem else None,
            banners(tables) if tables is not None else None,
        )


def known_version(live: LiveRun) -> int:
    """The version that a page can show at once; 0 where the run is not read yet."""
    snapshot = live.snapshot()
    return snapshot.version if snapshot.tables is not None else 0


def state_of(snapshot: Snapshot) -> str:
    """When the run was read, and how much there was."""
    if snapshot.tables is None:
        return "" if snapshot.problem else "reading the records"
    read = time.strftime("%H:%M:%S", time.localtime(snapshot.read_at))
    tables = snapshot.tables
    return f"{many(len(tables.cells), 'cell')}, {many(len(tables.trials), 'trial')}, read {read}"


def _register_filters(app: dash.Dash, live: LiveRun) -> None:
    @app.callback(
        Output("place", "search"),
        *(Output(control_id(name), "data") for name in NAMES),
        *(Output(control_id(name), "value") for name in NAMES),
        Input("place", "search"),
        Input("version", "data"),
        *(Input(control_id(name), "value") for name in NAMES),
    )
    def in_step(search: str | None, _version: int, *values: Any) -> Any:
        tables = live.snapshot().tables
        if tables is None:
            return (no_update,) * (1 + 2 * len(NAMES))
        choice = Choice.from_query(search or "")
        told = {one["prop_id"].partition(".")[0] for one in ctx.triggered}
        by_reader = bool(told & set(map(control_id, NAMES)))
        if by_reader and "place" not in told:
            choice = chosen(choice, dict(zip(NAMES, values, strict=True)))
        shown = controls(tables, choice)
        same = shown.query == (search or "")
        return (
            no_update if same or not by_reader else shown.query,
            *(no_update if by_reader else shown.options[name] for name in NAMES),
            *(shown.values[name] for name in NAMES),
        )


def _register_overview(app: dash.Dash, live: LiveRun, pictures: Pictures) -> None:
    @app.callback(
        Output({"type": "overview", "part": "above"}, "children"),
        Output({"type": "overview", "part": "below"}, "children"),
        Input({"type": "overview", "part": "above"}, "id"),
        Input("place", "search"),
        Input("version", "data"),
    )
    def overview(_there: object, search: str | None, _version: int) -> Any:
        snapshot = live.snapshot()
        tables, version = snapshot.tables, snapshot.version
        if tables is None:
            return no_update, no_update
        choice = Choice.from_query(search or "").within(tables)
        try:
            first = above(pictures, tables, choice, version=version)
            return first, below(pictures, tables, version=version)
        except Exception as error:  # noqa: BLE001  # told on the page
            return explained(error, what="The overview"), no_update
