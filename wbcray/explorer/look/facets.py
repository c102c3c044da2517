"""Small multiples: one facet for each held-out domain, three in a row."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.look.style import label

COLUMNS = 3
PREFIX = "held out: "


def facets(names: list[str], *, prefix: str = PREFIX, shared_y: bool = True) -> go.Figure:
    """An empty figure with a facet for each name."""
    columns = max(1, min(COLUMNS, len(names)))
    return make_subplots(
        rows=facet_rows(names),
        cols=columns,
        subplot_titles=[label(prefix + name) for name in names],
        shared_yaxes=shared_y,
        horizontal_spacing=0.03 if shared_y else 0.08,
    )


def facet_rows(names: list[str]) -> int:
    """How many rows of facets there are."""
    return max(1, -(-len(names) // COLUMNS))


def facet(number: int) -> dict[str, int]:
    """Row and column of the facet with this number, from 0."""
    return {"row": number // COLUMNS + 1, "col": number % COLUMNS + 1}
