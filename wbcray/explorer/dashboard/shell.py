"""What surrounds every page: the run's name, the navigation, the filters, the state of the run."""

from typing import Any

import dash_mantine_components as dmc  # type: ignore[import-untyped]  # ships no types
from dash import dcc, html

from wbcray.explorer.dashboard.filters import filter_bar
from wbcray.explorer.dashboard.panels import empty_panel, named
from wbcray.explorer.pages import PAGES

POLL_MILLISECONDS = 1500
OVERVIEW = "/"

INDEX = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{%title%}</title>
{%css%}
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
{%app_entry%}
{%first_sight%}
<footer hidden>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>
"""


def shell(run: str, *, version: int) -> dmc.MantineProvider:
    """The frame, which stays while pages change; `version` of the run as it is read, or 0."""
    return dmc.MantineProvider(
        [
            dcc.Location(id="place", refresh=False),
            dcc.Store(id="version", data=version),
            dcc.Store(id="dark"),
            dcc.Store(id="clicked"),
            dcc.Interval(id="poll", interval=POLL_MILLISECONDS),
            html.Div(id="banners"),
            html.Header(
                [
                    html.Div([html.B("wbcray"), html.Span(run, className="run")], className="name"),
                    _navigation(),
                    html.Div(
                        [
                            html.Span(id="status", role="status", className="status"),
                            dmc.ColorSchemeToggle(
                                lightIcon=_icon("☀"),
                                darkIcon=_icon("☾"),
                                id="scheme",
                                **named("Light or dark"),
                                variant="default",
                                size="md",
                            ),
                        ],
                        className="right",
                    ),
                ]
            ),
            filter_bar(),
            html.Div(id="problem"),
            html.Main(id="main", tabIndex="-1"),
        ],
        defaultColorScheme="auto",
        theme={"primaryColor": "blue", "fontFamily": "inherit", "defaultRadius": "sm"},
    )


def _icon(sign: str) -> html.Span:
    """A sign; the button has a name of its own."""
    hidden: dict[str, Any] = {"aria-hidden": "true"}
    return html.Span(sign, **hidden)


def overview_id(part: str) -> dict[str, str]:
    """The id of one part of the first page."""
    return {"type": "overview", "part": part}


def page_content(path: str) -> list[html.Section | html.Div | dcc.Store]:
    """The empty panels of a page."""
    if path in (OVERVIEW, ""):
        return [
            html.Div(id=overview_id("trouble")),
            html.Div(id=overview_id("above")),
            html.Div(id=overview_id("below")),
            *(dcc.Store(id=overview_id(f"{part}-text")) for part in ("above", "below")),
        ]
    found = [page for page in PAGES if page.path == path]
    if not found:
        return [html.Div("There is no such page; the links above name all.", className="message")]
    return [empty_panel(view) for view in found[0].views]


def page_of(anchor: str) -> str:
    """The path of the page that a view stands on; empty for no view's anchor."""
    return next((page.path for page in PAGES for view in page.views if view.anchor == anchor), "")


def _navigation() -> html.Nav:
    pages = [(OVERVIEW, "Overview"), *((page.path, page.title) for page in PAGES)]
    links = [
        dcc.Link(title, href=path, id={"type": "nav", "path": path}, className="nav-link")
        for path, title in pages
    ]
    return html.Nav(links, **named("Pages"))
