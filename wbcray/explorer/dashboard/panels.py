"""A panel of a page: the empty places of a question, which are filled when somebody sees them."""

from typing import Any

import dash_mantine_components as dmc  # type: ignore[import-untyped]  # ships no types
from dash import dcc, html

from wbcray.explorer.view import View

CONFIG: Any = {
    "responsive": True,
    "displaylogo": False,
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d", "toImage"],
}
"""Of Plotly; images are saved by the panel's own buttons, which give them paper and a title."""


def part_id(part: str, anchor: object) -> dict[str, Any]:
    """The id of one part of a panel; `anchor` may be a pattern."""
    return {"type": part, "anchor": anchor}


def named(label: str) -> dict[str, Any]:
    """The name of a part of the page for who does not see it."""
    return {"aria-label": label}


def _attributes(**values: str) -> dict[str, Any]:
    return {f"data-{name}": value for name, value in values.items()}


def empty_panel(view: View) -> html.Section:
    """A panel without an answer yet."""
    anchor = view.anchor
    return html.Section(
        [
            html.H2(
                [
                    html.Span(view.short, id=part_id("question", anchor)),
                    html.A("#", href=f"#{anchor}", className="anchor", title="Link to this panel"),
                ]
            ),
            _reading(anchor),
            html.P(id=part_id("n", anchor), className="n"),
            _chooser(view),
            html.Div(id=part_id("message", anchor), role="status", className="message"),
            html.Button(
                "New results change the axes: draw again",
                id=part_id("redraw", anchor),
                className="pill",
                hidden=True,
            ),
            html.Div(
                dcc.Graph(
                    id=part_id("figure", anchor),
                    figure={"data": [], "layout": {}},
                    config=CONFIG,
                    className="figure",
                ),
                id=part_id("figure-box", anchor),
                className="scroll waiting",
            ),
            _downloads(anchor),
            html.Div(id=part_id("numbers", anchor)),
            *(dcc.Store(id=part_id(part, anchor)) for part in ("seen", "wanted", "shown")),
        ],
        id=anchor,
        className="panel",
        **named(view.short),
    )


def _reading(anchor: str) -> html.Div:
    """How to read the figure: its first lines, and all of them when asked for."""
    more = html.Button("more", className="link", hidden=True, **_attributes(more=anchor))
    return html.Div([html.P(id=part_id("how", anchor), className="how"), more], className="reading")


def _chooser(view: View) -> html.Div:
    """Which figure of the panel is shown; hidden until there are two."""
    return html.Div(
        dmc.Select(
            id=part_id("variant", view.anchor),
            data=[],
            allowDeselect=False,
            searchable=True,
            size="xs",
            w="28rem",
            maw="100%",
            label="Show",
            wrapperProps={"className": "beside"},
        ),
        id=part_id("chooser", view.anchor),
        className="chooser",
        hidden=True,
    )


def _downloads(anchor: str) -> html.Div:
    """Save the figure or its numbers, or look at the latter."""
    save = [
        html.Button(
            kind.upper(),
            className="link",
            title=f"Save the figure as {kind.upper()}",
            **_attributes(save=kind, anchor=anchor),
        )
        for kind in ("svg", "png")
    ]
    return html.Div(
        [
            html.Button(
                "The numbers behind it", id=part_id("open-numbers", anchor), className="link"
            ),
            html.A("CSV", id=part_id("csv", anchor), className="link", hidden=True),
            *save,
        ],
        className="downloads",
    )
