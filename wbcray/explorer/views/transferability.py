"""Which domain-class pairs lie together?"""

from functools import partial

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.class_colours import class_colours
from wbcray.explorer.look.style import REFERENCE_COLOR, SYMBOLS, dressed, label
from wbcray.explorer.numbers.judged_images import NOT_KEPT, kept_outputs, shown_methods
from wbcray.explorer.numbers.networks import networks
from wbcray.explorer.numbers.transferability import (
    ALPHA,
    BETA,
    MEANINGS,
    Kinds,
    Transferability,
    kinds_of,
    layout,
    transferability,
)
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import MISSING, number

HEIGHT = 620
WIDTHS = (0.6, 1.6, 3.2, 5.0)
"""Of edges, from the farthest quarter of those drawn to the nearest."""

NEAREST = 2
"""Pairs of another class that each pair is joined to."""

_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ"}  # noqa: RUF001  # the paper's own letters


def _panel(tables: RunTables, choice: Choice) -> Panel:
    kept = kept_outputs(tables)
    there = {(method, held_out) for method, _, held_out in kept}
    methods = shown_methods(kept, choice)
    places = [(m, h) for h in tables.held_out for m in methods if (m, h) in there]
    return Panel(
        question="Which domain-class pairs lie together?",
        how_to_read="Each mark is a class in a domain, placed so that distances come near to the "
        "mean feature distances (multidimensional scaling; the axes have no unit). Solid edges "
        "join a class to itself in another domain, dotted ones to the nearest other classes of its "
        "domain; a thicker edge is a smaller distance. α is the mean distance within a class "  # noqa: RUF001
        "across domains, β between classes of a domain, γ between both (Yang, Wang & Katabi 2022). "  # noqa: RUF001
        "A small α beside large β and γ is what alignment aims at. Features of two methods have "  # noqa: RUF001
        "different scales, so compare the three within a method.",
        n="images whose features were kept; mean over the networks of all folds and seeds",
        variants=tuple(
            Variant(
                label=f"{method}, {held_out} held out",
                draw=partial(_drawn, tables, choice, method, held_out),
            )
            for method, held_out in places
        ),
        lacking=NOT_KEPT,
    )


def _drawn(tables: RunTables, choice: Choice, method: str, held_out: str) -> Drawn:
    classes = choice.classes or tables.facts.classes
    found = transferability(
        networks(tables, method, held_out=held_out), tables.facts.domains, tables.facts.classes
    )
    figure = graph_figure(found, classes=tables.facts.classes, shown=classes)
    question = f"Which pairs lie together for {label(method)}, {label(held_out)} held out?"
    figure.update_layout(title_text=question, margin_t=84)
    corner = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left"}
    figure.add_annotation(text=_statistics(found), showarrow=False, yanchor="bottom", **corner)
    return Drawn(figure=figure, numbers=found.as_frame())


def _statistics(found: Transferability) -> str:
    parts = [
        f"{_GREEK[kind]} = {number(mean)}"
        + ("" if number(spread) == MISSING else f" ± {number(spread)}")
        for kind, (mean, spread) in found.statistics.items()
    ]
    return f"{', '.join(parts)} (± over {found.networks} networks)"


def graph_figure(
    found: Transferability, *, classes: tuple[str, ...], shown: tuple[str, ...]
) -> go.Figure:
    """The graph: colour is the class, symbol the domain; `shown` classes only."""
    kept = [place for place, (_, name) in enumerate(found.pairs) if name in shown]
    pairs = [found.pairs[place] for place in kept]
    distances = found.distances[np.ix_(kept, kept)]
    places = layout(distances)
    domains = list(dict.fromkeys(domain for domain, _ in pairs))
    color = class_colours(classes)
    figure = go.Figure()
    _edges(figure, places, distances, kinds_of(pairs))
    for place, domain in enumerate(domains):
        own = [k for k, pair in enumerate(pairs) if pair[0] == domain]
        figure.add_scatter(
            x=places[own, 0],
            y=places[own, 1],
            mode="markers",
            marker={
                "symbol": SYMBOLS[place % len(SYMBOLS)],
                "color": [color[pairs[k][1]] for k in own],
                "size": 13,
                "line": {"width": 1, "color": "rgba(255,255,255,0.8)"},
            },
            text=[f"{label(pairs[k][1])} in {label(domain)}" for k in own],
            customdata=[int(found.images[kept[k]]) for k in own],
            hovertemplate="%{text}<br>%{customdata} images<extra></extra>",
            showlegend=False,
        )
    _legend(figure, {domain: SYMBOLS[k % len(SYMBOLS)] for k, domain in enumerate(domains)}, color)
    figure = dressed(figure, "", height=HEIGHT)
    figure.update_layout(legend={"orientation": "v", "x": 1.02, "y": 1, "yanchor": "top"})
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": False}
    figure.update_xaxes(**bare)
    figure.update_yaxes(**bare, scaleanchor="x")
    return figure


def _legend(figure: go.Figure, symbols: dict[str, str], color: dict[str, str]) -> None:
    """Entries for domains (symbols) and classes (colours), which no trace has for itself."""
    entries = [(name, symbol, REFERENCE_COLOR, "domain") for name, symbol in symbols.items()]
    entries += [(name, "circle", shade, "class") for name, shade in color.items()]
    for name, symbol, shade, group in entries:
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={"symbol": symbol, "color": shade, "size": 10},
            name=label(name),
            legendgroup=group,
            legendgrouptitle={"text": group},
        )


def _edges(
    figure: go.Figure,
    places: npt.NDArray[np.float64],
    distances: npt.NDArray[np.float64],
    kinds: Kinds,
) -> None:
    """Edges within classes, and to the nearest other classes of a domain; nearer is thicker."""
    even = (distances + distances.T) / 2
    drawn = {ALPHA: _pairs(kinds == ALPHA, even), BETA: _nearest(kinds == BETA, even)}
    for kind, edges in drawn.items():
        if not edges:
            continue
        lengths = np.array([even[edge] for edge in edges])
        ranks = lengths.argsort(kind="stable").argsort(kind="stable")
        steps = len(WIDTHS) - 1 - ranks * len(WIDTHS) // len(edges)
        for step, width in enumerate(WIDTHS):
            own = [edge for edge, at in zip(edges, steps.tolist(), strict=True) if at == step]
            ends = [value for i, j in own for value in (places[i], places[j], (None, None))]
            figure.add_scatter(
                x=[end[0] for end in ends],
                y=[end[1] for end in ends],
                mode="lines",
                line={
                    "color": "rgba(128,136,148,0.55)",
                    "width": width if kind == ALPHA else max(width / 2, 0.8),
                    "dash": "solid" if kind == ALPHA else "dot",
                },
                name=MEANINGS[kind],
                hoverinfo="skip",
                showlegend=False,
            )


def _pairs(chosen: npt.NDArray[np.bool_], even: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    return [(i, j) for i, j in np.argwhere(chosen).tolist() if i < j and not np.isnan(even[i, j])]


def _nearest(chosen: npt.NDArray[np.bool_], even: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    found = set()
    for i in range(len(even)):
        others = [j for j in np.flatnonzero(chosen[i]).tolist() if not np.isnan(even[i, j])]
        for j in sorted(others, key=lambda j, i=i: float(even[i, j]))[:NEAREST]:  # type: ignore[misc]
            found.add((min(i, j), max(i, j)))
    return sorted(found)


TRANSFERABILITY = View(anchor="transferability", short="Transferability", build=_panel)
