"""The Dash app: one run, its pages, and what answers when a reader chooses."""

from collections.abc import Callable
from functools import partial
from importlib import resources
from typing import Any, final

import dash
import flask

from wbcray.explorer.dashboard.access import Access, guard
from wbcray.explorer.dashboard.downloads import serve_numbers
from wbcray.explorer.dashboard.first_sight import PLACE, first_sight
from wbcray.explorer.dashboard.frame_callbacks import known_version, register_frame
from wbcray.explorer.dashboard.panel_callbacks import register_panels
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.dashboard.searches import Searches
from wbcray.explorer.dashboard.shell import INDEX, shell
from wbcray.explorer.dashboard.trouble import calm
from wbcray.explorer.reading.live import LiveRun


def _server() -> Any:
    """A server without a folder of its own; Dash's signature does not name its type."""
    return flask.Flask("wbcray", static_folder=None)


def _stir(pictures: Pictures) -> None:
    """A page is being loaded; answers to what a reader chose tell of it themselves."""
    if flask.request.path != "/_dash-update-component":  # an open page looks for news that way
        pictures.stir()


@final
class _App(dash.Dash):
    """A Dash app whose index page shows something before its programs run."""

    def __init__(self, name: str, *, first: Callable[[], str], **settings: Any) -> None:
        super().__init__(name, **settings)
        self._first = first

    def interpolate_index(self, *args: Any, **parts: Any) -> str:
        """The index page of one request."""
        page: str = super().interpolate_index(*args, **parts)  # type: ignore[no-untyped-call]
        return page.replace(PLACE, self._first(), 1)


def make_app(live: LiveRun, access: Access, pictures: Pictures, searches: Searches) -> dash.Dash:
    """The app that shows `live` to whom `access` allows; it writes nothing anywhere."""
    app = _App(
        "wbcray",
        first=partial(first_sight, live, pictures),
        server=_server(),
        assets_folder=str(resources.files("wbcray.explorer.dashboard") / "assets"),
        title=f"{live.run.name}: wbcray",
        update_title="",
        index_string=INDEX,
        serve_locally=True,
        suppress_callback_exceptions=True,  # panels come and go with their pages
        on_error=calm,
        add_log_handler=False,
        enable_mcp=False,
        websocket_callbacks=False,
    )
    app.layout = lambda: shell(live.run.name, version=known_version(live))
    register_frame(app, live, pictures, searches)
    register_panels(app, live, pictures)
    serve_numbers(app.server, live, pictures)
    app.server.before_request(partial(_stir, pictures))
    guard(app.server, access, script_hashes=tuple(app.csp_hashes()))
    return app
