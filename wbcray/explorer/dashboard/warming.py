"""Draw what will be seen before anybody waits for it: the first page, then what SciPy is for."""

import threading
import time
from contextlib import suppress

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.overview import above, below
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.pages import PAGES
from wbcray.explorer.reading.live import LiveRun
from wbcray.explorer.reading.tables import RunTables

QUIET_SECONDS = 1.0
"""Without a reader's wish."""
AWHILE_SECONDS = 3.0
"""For the first page to be asked for, once its address was given."""


def warm(live: LiveRun, pictures: Pictures) -> threading.Thread:
    """Draw the first page as soon as the run was read; the thread ends when it is drawn.

    Another thread goes on with the first view of every page while nobody asks for anything, which
    also loads what the first figure would have to wait for. It stops when the run changes: then
    nobody has waited for these pages.
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
        target=_rest, args=(live, pictures, tables, version), name="wbcray-warm-rest", daemon=True
    ).start()


def _rest(live: LiveRun, pictures: Pictures, tables: RunTables, version: int) -> None:
    time.sleep(AWHILE_SECONDS)
    choice = Choice().within(tables)
    for page in PAGES:
        while (waiting := QUIET_SECONDS - pictures.quiet_for()) > 0:
            time.sleep(waiting)
        if live.newest().version != version:
            return
        with suppress(Exception):  # it is told on its panel
            pictures.picture(tables, choice, page.views[0].anchor, "", version=version)
