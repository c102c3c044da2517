"""Draw what will be seen before anybody waits for it: the first page, then what SciPy is for."""

import threading
import time
from contextlib import suppress

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.overview import above, below
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.pages import PAGES
from wbcray.explorer.reading.live import LiveRun
from wbcray.explorer.view import View

QUIET_SECONDS = 1.0
"""Without a request: shorter than the pause between two looks of an open page."""
AWHILE_SECONDS = 3.0
"""For the first page to be asked for, once its address was given."""


def warm(live: LiveRun, pictures: Pictures) -> threading.Thread:
    """Draw the first page as soon as the run was read; the thread ends when it is drawn.

    Another thread goes on with the other pages while nobody asks for anything, which also loads
    what their first figure would have to wait for. It stops when the run changes: then nobody has
    waited for these pages.
    """
    thread = threading.Thread(target=_first, args=(live, pictures), name="wbcray-warm", daemon=True)
    thread.start()
    return thread


def _first(live: LiveRun, pictures: Pictures) -> None:
    if live.wait() is None:
        return
    snapshot = live.snapshot()
    tables, version = snapshot.tables, snapshot.version
    if tables is None:
        return
    choice = Choice().within(tables)
    with suppress(Exception):  # it is told on the page
        above(pictures, tables, choice, version=version)
        below(pictures, tables, version=version)
    threading.Thread(
        target=_rest, args=(live, pictures), name="wbcray-warm-rest", daemon=True
    ).start()


def _rest(live: LiveRun, pictures: Pictures) -> None:
    time.sleep(AWHILE_SECONDS)
    views = tuple(view for page in PAGES for view in page.views)
    _draw(live, pictures, views, politely=True)


def _draw(
    live: LiveRun, pictures: Pictures, views: tuple[View, ...], *, politely: bool = False
) -> None:
    before = live.newest()
    tables = before.tables
    if tables is None:
        return
    choice = Choice().within(tables)
    for view in views:
        while politely and (waiting := QUIET_SECONDS - pictures.quiet_for()) > 0:
            time.sleep(waiting)
        if live.newest().version != before.version:
            return
        with suppress(Exception):  # it is told on its panel
            pictures.picture(tables, choice, view.anchor, "", version=before.version)
