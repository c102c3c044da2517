"""Answers of the frame: page, filters and address in step, the overview, the state of the run."""

import time
from typing import Any

import dash
from dash import ALL, ClientsideFunction, Input, Output, State, ctx, no_update

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.filters import ALWAYS_OFFERED, NAMES, chosen, control_id, controls
from wbcray.explorer.dashboard.overview import above, banners, below
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.dashboard.searches import PATH, Searches
from wbcray.explorer.dashboard.shell import overview_id, page_content
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
        State(control_id(ALWAYS_OFFERED), "data"),
    )
    def in_step(search: str | None, _version: int, *told_values: Any) -> Any:
        *values, offered = told_values
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
        # options are of the run, not of the choice, and every control draws itself anew for them
        kept = bool(offered) and "version" not in told
        return (
            no_update if same or not by_reader else shown.query,
            *(no_update if kept else shown.options[name] for name in NAMES),
            *(
                no_update if shown.values[name] == value else shown.values[name]
                for name, value in zip(NAMES, values, strict=True)
            ),
        )


def _register_overview(app: dash.Dash, live: LiveRun, pictures: Pictures) -> None:
    @app.callback(
        Output(overview_id("above-text"), "data"),
        Output(overview_id("below-text"), "data"),
        Output(overview_id("trouble"), "children"),
        Input(overview_id("above"), "id"),
        Input("place", "search"),
        Input("version", "data"),
    )
    def overview(_there: object, search: str | None, _version: int) -> Any:
        snapshot = live.snapshot()
        tables, version = snapshot.tables, snapshot.version
        if tables is None:
            return (no_update,) * 3
        pictures.stir()
        choice = Choice.from_query(search or "").within(tables)
        try:
            first = above(pictures, tables, choice, version=version)
            return first, below(pictures, tables, version=version), None
        except Exception as error:  # noqa: BLE001  # told on the page
            return "", no_update, explained(error, what="The overview")

    for part in ("above", "below"):
        app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash types its other half
            ClientsideFunction("wbcray", "fill"),
            Output(overview_id(part), "title"),  # a callback has to have one; it never changes
            Input(overview_id(f"{part}-text"), "data"),
            State(overview_id(part), "id"),
        )
