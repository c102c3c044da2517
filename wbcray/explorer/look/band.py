"""A band between two curves in the colour of its method."""

from collections.abc import Sequence

import plotly.graph_objects as go

from wbcray.explorer.look.style import Look

_OPACITY = 0.11


def band(
    x: Sequence[int | float],
    low: Sequence[float],
    high: Sequence[float],
    look: Look,
    *,
    group: str,
) -> go.Scatter:
    """The area from `low` to `high`; it comes and goes with its `group` of the legend."""
    return go.Scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=look.color,
        opacity=_OPACITY,
        line={"width": 0},
        mode="lines",
        legendgroup=group,
        showlegend=False,
        hoverinfo="skip",
    )
