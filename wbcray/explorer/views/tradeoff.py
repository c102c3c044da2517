"""Who gives up common classes for rare ones?"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.axis_range import around
from wbcray.explorer.look.facets import facet, facet_rows, facets
from wbcray.explorer.look.style import (
    Look,
    back_to_front,
    dressed,
    label,
    looks,
    with_others_behind,
)
from wbcray.explorer.look.traces import Traces
from wbcray.explorer.numbers.in_front import in_front, in_front_note
from wbcray.explorer.numbers.places import PLACES
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size, measured

Floats = npt.NDArray[np.float64]

QUESTION = "Who gives up common classes for rare ones?"
FOLDS_FOR_ELLIPSE = 3
POINTS = 49


def _panel(tables: RunTables, choice: Choice) -> Panel:
    splits = dict.fromkeys(split for split, _ in measured(tables))
    return Panel(
        question=QUESTION,
        how_to_read="Right is more images classified rightly (micro F1), up is better over classes "
        "that count alike (macro F1). Marks are means over folds, ellipses one standard deviation "
        f"of the folds; arrows lead from {choice.reference} to each method. An arrow up and to the "
        "left pays for rare classes with common ones. Ellipses show the spread of trainings; "
        "whether a difference is real is told by the differences." + in_front_note(tables),
        n=grid_size(tables),
        variants=tuple(
            Variant(label=PLACES[split], draw=partial(_drawn, tables, choice, split))
            for split in splits
        ),
        lacking="No cell is recorded yet: `wbcray compare` trains them.",
    )


def _drawn(tables: RunTables, choice: Choice, split: str) -> Drawn:
    folds = fold_scores(tables, split)[["held_out", "method", "fold", "micro_f1", "macro_f1"]]
    grouped = folds.groupby(["held_out", "method"])
    means = grouped.agg(
        micro_mean=("micro_f1", "mean"),
        macro_mean=("macro_f1", "mean"),
        micro_std=("micro_f1", "std"),
        macro_std=("macro_f1", "std"),
        folds=("fold", "nunique"),
    ).reset_index()
    correlation = grouped[["micro_f1", "macro_f1"]].apply(_correlation)
    places = pd.MultiIndex.from_frame(means[["held_out", "method"]])
    means["correlation"] = correlation.reindex(places).to_numpy()
    look = looks(tables.coloured, reference=choice.reference)
    look = with_others_behind(look, in_front(tables, choice))
    domains = [name for name in tables.held_out if name in set(means["held_out"])]
    figure = tradeoff_figure(means, look, domains=domains, reference=choice.reference)
    return Drawn(figure=figure, numbers=means)


def _correlation(rows: pd.DataFrame) -> float:
    values = rows.to_numpy(dtype=np.float64)
    if len(values) < FOLDS_FOR_ELLIPSE or np.ptp(values, axis=0).min() == 0:
        return float("nan")
    return float(np.corrcoef(values.T)[0, 1])


def tradeoff_figure(
    means: pd.DataFrame, looks: dict[str, Look], *, domains: list[str], reference: str
) -> go.Figure:
    """Micro against macro F1 with the spread of folds, one facet per held-out domain."""
    figure = facets(domains, shared_y=False)
    traces = Traces()
    arrows: list[dict[str, object]] = []
    shown: set[str] = set()
    for number, domain in enumerate(domains):
        there = means[means["held_out"] == domain].set_index("method")
        rows = {str(method): row for method, row in there.iterrows()}
        for method in back_to_front(rows, looks):
            row, look = rows[method], looks[method]
            for trace in _marks(method, row, look, first=method not in shown):
                traces.add(trace, **facet(number))
            shown.add(method)
            if reference in rows and method != reference and not look.faint:
                arrows.append(_arrow(rows[reference], row, look, number))
    traces.into(figure)
    # all at once: one by one takes Plotly seconds where there are many methods
    figure.update_layout(annotations=[*figure.layout.annotations, *arrows])
    figure = dressed(figure, QUESTION, height=370 * facet_rows(domains) + 90)
    figure.update_xaxes(title_text="micro F1", zeroline=False, nticks=6)
    figure.update_yaxes(title_text="macro F1", zeroline=False, col=1)
    for number, domain in enumerate(domains):
        here = means[means["held_out"] == domain]
        figure.update_xaxes(range=_range(here, "micro"), **facet(number))
        figure.update_yaxes(range=_range(here, "macro"), **facet(number))
    figure.update_layout(legend={"y": 0, "yref": "container", "yanchor": "bottom"})
    return figure


def _range(rows: pd.DataFrame, score: str) -> list[float] | None:
    """Of an axis: all means and ellipses, which have one standard deviation to either side."""
    mean, spread = rows[f"{score}_mean"], rows[f"{score}_std"].where(rows["correlation"].notna())
    return around(mean, mean - spread, mean + spread)


def ellipse(row: "pd.Series[float]") -> Floats:
    """The outline of one standard deviation about the mean, float64 [points, (micro, macro)].

    Empty without a correlation, that is below three folds or without any spread.
    """
    r = float(row["correlation"])
    if np.isnan(r):
        return np.empty((0, 2))
    angle = np.linspace(0, 2 * np.pi, POINTS)
    micro = float(row["micro_mean"]) + float(row["micro_std"]) * np.cos(angle)
    turned = r * np.cos(angle) + np.sqrt(max(0.0, 1 - r * r)) * np.sin(angle)
    return np.stack([micro, float(row["macro_mean"]) + float(row["macro_std"]) * turned], axis=1)


def _marks(
    method: str, row: "pd.Series[float]", look: Look, *, first: bool
) -> Iterator[go.Scatter]:
    """The spread of folds, where there is one and the method is in front, and the mean."""
    outline = np.empty((0, 2)) if look.faint else ellipse(row)
    if len(outline):
        yield go.Scatter(
            x=outline[:, 0],
            y=outline[:, 1],
            mode="lines",
            line={"color": look.color, "width": 1.2},
            opacity=0.7,
            legendgroup=method,
            showlegend=False,
            hoverinfo="skip",
        )
    yield go.Scatter(
        x=[row["micro_mean"]],
        y=[row["macro_mean"]],
        mode="markers",
        name=label(method),
        legendgroup=method,
        showlegend=first and not look.faint,
        marker={"color": look.color, "symbol": look.symbol, "size": 7 if look.faint else 11},
        customdata=[[int(row["folds"])]],
        hovertemplate=label(method)
        + ": micro %{x:.3f}, macro %{y:.3f}, folds: %{customdata[0]}<extra></extra>",
    )


def _arrow(
    start: "pd.Series[float]", end: "pd.Series[float]", look: Look, number: int
) -> dict[str, object]:
    axis = "" if number == 0 else str(number + 1)
    return {
        "ax": start["micro_mean"],
        "ay": start["macro_mean"],
        "x": end["micro_mean"],
        "y": end["macro_mean"],
        "xref": f"x{axis}",
        "yref": f"y{axis}",
        "axref": f"x{axis}",
        "ayref": f"y{axis}",
        "text": "",
        "showarrow": True,
        "arrowhead": 2,
        "arrowwidth": 1.4,
        "standoff": 7,
        "startstandoff": 6,
        "opacity": 0.8,
        "arrowcolor": look.color,
    }


TRADEOFF = View(anchor="tradeoff", short="Micro and macro", build=_panel)
