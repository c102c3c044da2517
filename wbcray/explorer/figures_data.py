"""Figures about the images themselves."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.style import LEVELS, ROW_HEIGHT, dressed, label


def images_figure(images: pd.DataFrame) -> go.Figure:
    """Images per domain and class on a logarithmic colour; from `images_of_classes`."""
    values = images.to_numpy(dtype=np.float64)
    logs = np.log10(values, out=np.full(values.shape, np.nan), where=values > 0)
    text = [
        ["?" if np.isnan(v) else "none" if v == 0 else f"{v:,.0f}" for v in row] for row in values
    ]
    figure = go.Figure()
    figure.add_heatmap(
        x=[label(name) for name in images.columns],
        y=[label(name) for name in images.index],
        z=np.where(np.isnan(logs), -0.01, logs),
        text=text,
        texttemplate="%{text}",
        colorscale=LEVELS,
        zmin=0,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}: %{text} images<extra></extra>",
    )
    height = 170 + ROW_HEIGHT * len(images)
    figure = dressed(figure, "How skewed are the data?", height=height)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False)
    return figure
