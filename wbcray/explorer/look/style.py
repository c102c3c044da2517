"""One look for all figures: a colour and a mark for each method, quiet axes, escaped names."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

import plotly.graph_objects as go

from wbcray.explorer.reading.tables import DEFAULT_REFERENCE

FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif"
FONT_SIZE = 13
SMALL = 11
FACET_SIZE = 14
ROW_HEIGHT = 34
GRID = "rgba(128,136,148,0.22)"
ZERO = "rgba(128,136,148,0.75)"
TRANSPARENT = "rgba(0,0,0,0)"

FAINT = "rgba(128,136,148,0.4)"
REFERENCE_COLOR = "#7d8590"
# Mid-tones that can be told apart with any colour vision and read on white as on black;
# after Okabe & Ito 2008 and Tol's muted scheme, the palest left out.
COLORS = (
    *("#0a84c1", "#d95f02", "#0a9b76", "#c2619a", "#c99000", "#6a5acd", "#a63d40", "#4d908e"),
    *("#8a6d3b", "#5f7fbf", "#9a8c1f", "#7fb800"),
)
DOMAIN_COLORS = ("#5b7fc7", "#e07a5f", "#6a994e", "#bc6c25", "#8f7fd0", "#3a9fb0")
"""Of held-out domains, in the run's order; unlike those of methods, lest they be confused."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "pentagon", "hexagon")

LEVELS = [[0.0, "#f0f4f7"], [0.65, "#9cc3dc"], [0.8, "#2f78a8"], [1.0, "#0d3b66"]]
"""For shares and scores: light is little, dark is much; no colour means alarm. The step in the
middle is steep because text on a middle blue is hard to read, whatever its colour."""

LINES = [[0.0, "#a8b3bd"], [0.5, "#7d9db6"], [1.0, "#d95f02"]]
"""For thin lines on white or black paper: grey is low, orange is high."""

DIFFERENCES = [
    *([0.0, "#7b3f98"], [0.25, "#b58cc9"], [0.5, "#f5f4f2"]),
    *([0.75, "#f0b061"], [1.0, "#b35806"]),
]
"""For differences alone, white at zero: violet is less, orange is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one method is drawn, everywhere.

    Attributes:
        faint: Grey behind the others, without a place in the legend.
    """

    color: str
    symbol: str
    faint: bool = False


def looks(methods: Sequence[str], *, reference: str = DEFAULT_REFERENCE) -> dict[str, Look]:
    """The look of each method of a run: grey for the reference, then by alphabet.

    Give all methods of the run, so that hiding one does not repaint the others.
    """
    others = sorted(set(methods) - {reference})
    found = {reference: Look(color=REFERENCE_COLOR, symbol="circle")}
    for number, name in enumerate(others):
        symbol = SYMBOLS[(number + 1) % len(SYMBOLS)]
        found[name] = Look(color=COLORS[number % len(COLORS)], symbol=symbol)
    return found


def with_others_behind(looks: dict[str, Look], front: Collection[str]) -> dict[str, Look]:
    """The same looks, but faint for methods that are not in front."""
    return {
        name: look if name in front else replace(look, color=FAINT, faint=True)
        for name, look in looks.items()
    }


def back_to_front(methods: Iterable[object], looks: dict[str, Look]) -> list[str]:
    """Methods by alphabet, the faint ones first, so that they are drawn below the others."""
    return sorted(map(str, methods), key=lambda name: (not looks[name].faint, name))


def shades(domains: Sequence[str]) -> dict[str, str]:
    """The colour of each domain of a run; give all of them, so that hiding one repaints none."""
    return {name: DOMAIN_COLORS[n % len(DOMAIN_COLORS)] for n, name in enumerate(domains)}


def label(name: object) -> str:
    """A name as figure text: Plotly reads a few HTML tags, and a name is never one."""
    return escape(str(name), quote=False)


_AXIS = {
    "automargin": True,
    "gridcolor": GRID,
    "linecolor": GRID,
    "title": {"font": {"size": FONT_SIZE}},
    "zerolinecolor": ZERO,
}
# of all axes at once: to set them on each axis takes as long as drawing the rest
_QUIET = go.layout.Template(layout={"xaxis": _AXIS, "yaxis": _AXIS})


def dressed(figure: go.Figure, question: str, *, height: int) -> go.Figure:
    """The figure with its question as title and the common look; colours of text come later."""
    figure.update_layout(
        # from the top downwards: in the middle of its margin it would meet the legend
        title={
            "text": question,
            "x": 0,
            "xref": "paper",
            "font": {"size": 17},
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 8},
        },
        template=_QUIET,
        height=height,
        font={"family": FONT, "size": FONT_SIZE},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        margin={"l": 20, "r": 20, "t": 56, "b": 20},
        hoverlabel={"font": {"family": FONT, "size": FONT_SIZE}},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        hovermode="closest",
    )
    figure.update_annotations(font={"size": FACET_SIZE})
    return figure
