"""The overview in the index page itself, seen before the page's programs have come to draw it."""

import flask

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.overview import above
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.dashboard.shell import OVERVIEW
from wbcray.explorer.numbers.watermarks import watermarks
from wbcray.explorer.pages import PAGES
from wbcray.explorer.reading.live import LiveRun
from wbcray.explorer.report.markup import text

PLACE = "{%first_sight%}"
"""Where it goes in the index page."""


def first_sight(live: LiveRun, pictures: Pictures) -> str:
    """HTML for the request that is being answered; empty where there is nothing to show yet.

    The page takes its place as soon as it shows as much (`assets/explorer.js`).
    """
    request = flask.request
    snapshot = live.snapshot()
    tables = snapshot.tables
    if request.path != OVERVIEW or tables is None:
        return ""
    choice = Choice.from_query(request.query_string.decode(errors="replace")).within(tables)
    try:
        seen = above(pictures, tables, choice, version=snapshot.version)
    except Exception:  # noqa: BLE001  # the page tells it
        return ""
    marks = "".join(
        f'<div class="banner" role="alert">{text(line)}</div>' for line in watermarks(tables.facts)
    )
    return (
        f'<div id="first-sight">{marks}<header><div class="name"><b>wbcray</b>'
        f'<span class="run">{text(live.run.name)}</span></div><nav>{_links()}</nav></header>'
        f'<div class="filters"></div><main>{seen}</main></div>'
    )


def _links() -> str:
    pages = [(OVERVIEW, "Overview"), *((page.path, page.title) for page in PAGES)]
    return "".join(
        f'<a class="nav-link{" here" if path == OVERVIEW else ""}" href="{path}">{title}</a>'
        for path, title in pages
    )
