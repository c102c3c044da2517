"""Draw what will be seen before anybody waits for it: the first page, then what SciPy is for."""

import threading
from contextlib import suppress

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.overview import above, below
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.dashboard.shell import OVERVIEW_VIEWS
from wbcray.explorer.pages import PAGES
from wbcray.explorer.reading.live import LiveRun
from wbcray.explorer.view import View


def warm(live: LiveRun, pictures: Pictures) -> threading.Thread:
    """Draw the first page as soon as the run was read; the thread ends when it is drawn.

    Another thread goes on with the other pages, which also loads what their first figure would
    have to wait for. It stops when the run changes: then nobody has waited for these pages.
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
    _draw(live, pictures, OVERVIEW_VIEWS)
    rest = tuple(view for page in PAGES for view in page.views)
    threading.Thread(
        target=_draw, args=(live, pictures, rest), name="wbcray-warm-rest", daemon=True
    ).start()


def _draw(live: LiveRun, pictures: Pictures, views: tuple[View, ...]) -> None:
    before = live.newest()
    tables = before.tables
    if tables is None:
        return
    choice = Choice().within(tables)
    for view in views:
        if live.newest().version != before.version:
            return
        with suppress(Exception):  # it is told on its panel
            pictures.picture(tables, choice, view.anchor, "", version=before.version)
