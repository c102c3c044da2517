"""Can a probability of 0.95 be trusted?"""

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.legend import placed
from wbcray.explorer.look.style import ZERO, Look, dressed, label, looks, shades
from wbcray.explorer.numbers.judged_images import (
    NOT_KEPT,
    judged_images,
    kept_outputs,
    shown_methods,
)
from wbcray.explorer.numbers.trust import AFTER, BEFORE, Trust, coverage_of, trust_frame, trust_of
from wbcray.explorer.reading.tables import VALIDATION, RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, place_name
from wbcray.explorer.wording import number
from wbcray.metrics.calibration import RiskCoverage

HEIGHT = 480
POINTS = 200
"""Of a risk-coverage line, evenly spread over coverage."""

LEAST_SHOWN = 0.01
"""Coverage from which risk is drawn: before it rests on next to no images."""


def _panel(tables: RunTables, choice: Choice) -> Panel:
    kept = kept_outputs(tables)
    methods = shown_methods(kept, choice)
    places = dict.fromkeys((split, held_out) for _, split, held_out in kept)
    variants = []
    for split, held_out in places:
        own = tuple(m for m in methods if (m, split, held_out) in kept)
        place = place_name(split, held_out)
        for method in own:
            draw = partial(_drawn, tables, method, split, held_out)
            variants.append(Variant(label=f"{place}: {method}", draw=draw))
        coverage = partial(_drawn_coverage, tables, choice, own, (split, held_out))
        variants.append(Variant(label=f"{place}: risk and coverage", draw=coverage))
    return Panel(
        question="Can a probability of 0.95 be trusted?",
        how_to_read="Each mark is a bin of answers: how sure they were on average, and how often "
        "they were right; larger marks hold more of them. Below the diagonal a method is too sure. "
        f"Dotted '{BEFORE}', solid '{AFTER}': each network's logits divided by one number, fitted "
        "on its own validation images (Guo et al. 2017), so on validation the solid line flatters. "
        "ECE is the mean gap, Brier the squared error of all probabilities, 0 to 2. Risk and "
        "coverage: the share of mistakes if only the surest answers are given; lower is better.",
        n="answers of all networks; the numbers count different images too",
        variants=tuple(variants),
        lacking=NOT_KEPT,
    )


def _drawn(tables: RunTables, method: str, split: str, held_out: str) -> Drawn:
    outputs = judged_images(tables, method, split, held_out=held_out)
    before = (
        outputs
        if split == VALIDATION
        else judged_images(tables, method, VALIDATION, held_out=held_out)
    )
    found = () if outputs is None else trust_of(outputs, before, tables.facts.classes)
    figure = reliability_figure(found, domains=tables.facts.domains)
    place = label(place_name(split, held_out))
    figure.update_layout(title_text=f"Can {label(method)} be trusted on {place}?")
    return Drawn(figure=figure, numbers=trust_frame(found))


def _drawn_coverage(
    tables: RunTables, choice: Choice, methods: tuple[str, ...], place: tuple[str, str]
) -> Drawn:
    split, held_out = place
    found = {
        method: coverage_of(outputs)
        for method in methods
        if (outputs := judged_images(tables, method, split, held_out=held_out)) is not None
    }
    look = looks(tables.coloured, reference=choice.reference)
    figure, numbers = coverage_figure(found, look)
    where = label(place_name(split, held_out))
    figure.update_layout(title_text=f"How many mistakes remain if the unsure are left on {where}?")
    return Drawn(figure=figure, numbers=numbers)


def reliability_figure(found: tuple[Trust, ...], *, domains: tuple[str, ...]) -> go.Figure:
    """Accuracy against confidence by domain, before and after temperature; from `trust_of`."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": ZERO, "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )
    colours = shades(domains)
    for one in found:
        color = colours[one.domain]
        filled = np.flatnonzero(one.bins.images)
        shares = one.bins.images[filled] / max(int(one.bins.images.sum()), 1)
        solid = one.state == AFTER
        figure.add_scatter(
            x=one.bins.confidence[filled],
            y=one.bins.accuracy[filled],
            mode="lines+markers",
            line={"color": color, "width": 1.6, "dash": "solid" if solid else "dot"},
            marker={
                "color": color,
                "size": 5 + 15 * np.sqrt(shares),
                "symbol": "circle" if solid else "circle-open",
            },
            name=f"{label(one.domain)}, {one.state}: ECE {number(one.ece, 3)}, "
            f"class-wise {number(one.classwise, 3)}, Brier {number(one.brier, 3)}"
            + (f", T = {number(one.temperature)}" if solid else ""),
            customdata=one.bins.images[filled],
            hovertemplate="sure %{x:.1%}, right %{y:.1%}<br>%{customdata:,} answers<extra>"
            f"{label(one.domain)}</extra>",
        )
    figure = dressed(figure, "", height=HEIGHT + 22 * len(found))
    below = {"yref": "container", "y": 0.0, "yanchor": "bottom"}
    figure.update_layout(legend={"orientation": "v", **below}, margin_b=30 + 22 * len(found))
    figure.update_xaxes(
        range=[-0.02, 1.02], zeroline=False, title_text="mean probability of the answer"
    )
    figure.update_yaxes(range=[-0.02, 1.02], zeroline=False, title_text="share that is right")
    return figure


def coverage_figure(
    found: dict[str, RiskCoverage], look: dict[str, Look]
) -> tuple[go.Figure, pd.DataFrame]:
    """Risk against coverage of each method, and the numbers drawn; from `coverage_of`."""
    figure = go.Figure()
    blocks = []
    for method, one in found.items():
        size = len(one.coverage)
        places = np.unique(np.linspace(0, max(size - 1, 0), min(POINTS, size)).astype(np.int64))
        places = places[one.coverage[places] >= LEAST_SHOWN]
        figure.add_scatter(
            x=one.coverage[places],
            y=one.risk[places],
            mode="lines",
            line={"color": look[method].color, "width": 2},
            name=f"{label(method)}: area {number(one.area, 3)}",
            hovertemplate="%{x:.0%} answered, %{y:.1%} of them wrong<extra>"
            f"{label(method)}</extra>",
        )
        blocks.append(
            pd.DataFrame(
                {
                    "method": method,
                    "coverage": one.coverage[places],
                    "risk": one.risk[places],
                    "area": one.area,
                }
            )
        )
    figure = dressed(figure, "", height=HEIGHT)
    figure.update_layout(showlegend=True)
    figure = placed(figure, len(found))
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", title_text="answered, the surest first")
    figure.update_yaxes(rangemode="tozero", tickformat=".0%", title_text="wrong among the answered")
    return figure, pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame()


CALIBRATION = View(anchor="calibration", short="Calibration", build=_panel)
