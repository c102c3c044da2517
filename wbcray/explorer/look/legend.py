"""Where a legend stands: above a figure while it is short, beside it once it is long."""

import plotly.graph_objects as go

FEW_ENTRIES = 7
_ROW = 20
"""Height of an entry, pixels."""


def placed(figure: go.Figure, entries: int) -> go.Figure:
    """The figure with room for its legend, so that many methods cover neither title nor marks."""
    if entries > FEW_ENTRIES:
        beside = {"orientation": "v", "x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top"}
        height = max(float(figure.layout.height or 0), 90 + _ROW * entries)
        figure.update_layout(legend=beside, height=height)
    return figure
