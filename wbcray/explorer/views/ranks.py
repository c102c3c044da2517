"""Do methods differ in their ranks over all blocks?"""

from dataclasses import dataclass
from functools import partial
from typing import final

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import ROW_HEIGHT, SMALL, ZERO, Look, dressed, label, looks
from wbcray.explorer.numbers.places import PLACES
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import UNSEEN, RunTables
from wbcray.explorer.view import SPLITS, Drawn, Panel, Variant, View
from wbcray.explorer.wording import many, number, p_value
from wbcray.metrics.ranks import (
    FEWEST_BLOCKS,
    FEWEST_METHODS,
    critical_difference,
    friedman,
    nemenyi,
)

Floats = npt.NDArray[np.float64]

QUESTION = "Do methods differ in their ranks over all blocks?"


def _panel(tables: RunTables, choice: Choice) -> Panel:
    sizes = {split: _full(tables, split) for split in SPLITS}
    enough = [
        split
        for split, (methods, blocks) in sizes.items()
        if len(methods) >= FEWEST_METHODS and blocks >= FEWEST_BLOCKS
    ]
    return Panel(
        question=QUESTION,
        how_to_read="A block is one fold of one held-out domain; in each, the best method has rank "
        "1. Marks are mean ranks, 1 at the left. A bar at the top joins methods whose mean ranks "
        "are closer than the critical difference (Nemenyi): these blocks do not part them. "
        "Friedman's p is for any difference at all. Blocks, not datasets: the folds of a domain "
        "resemble each other, so both tests see more evidence than there is and decide nothing "
        "here; the verdicts are with the differences.",
        n="; ".join(
            f"{PLACES[split]}: {many(blocks, 'block')} of {many(len(methods), 'method')}"
            for split, (methods, blocks) in sizes.items()
        ),
        variants=tuple(
            Variant(label=PLACES[split], draw=partial(_drawn, tables, choice, split))
            for split in enough
        ),
        lacking=f"Ranks need {FEWEST_BLOCKS} blocks (with fewer no rank test can reach p < 0.05) "
        f"and {FEWEST_METHODS} methods measured in all of them: `wbcray compare` with more folds, "
        "held-out domains or methods makes them.",
    )


def _full(tables: RunTables, split: str) -> tuple[frozenset[str], int]:
    """Methods that are measured in every block, and the number of blocks."""
    cells = tables.cells
    cells = cells[~cells["method"].isin(tables.oracle)]
    if split == UNSEEN:
        cells = cells[cells["test_opened"].astype(bool)]
    blocks = cells[["method", "held_out", "fold"]].drop_duplicates()
    count = blocks.groupby("method").size()
    whole = len(blocks[["held_out", "fold"]].drop_duplicates())
    return frozenset(map(str, count.index[count == whole])), whole


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranked:
    """Mean ranks of methods, the best first, and how far apart they must be.

    Attributes:
        ranks: float64 [methods].
        groups: First and last place of each largest set of methods that is not parted.
        p: Friedman's.
    """

    methods: tuple[str, ...]
    ranks: Floats
    critical: float
    groups: tuple[tuple[int, int], ...]
    blocks: int
    p: float


def _drawn(tables: RunTables, choice: Choice, split: str) -> Drawn:
    methods, _ = _full(tables, split)
    rows = fold_scores(tables, split)
    wide = rows[rows["method"].isin(methods)].pivot_table(
        index=["held_out", "fold"], columns="method", values=choice.score
    )
    scores = wide.dropna()
    found = friedman(scores.to_numpy(dtype=np.float64))
    order = np.argsort(found.ranks, kind="stable")
    pairs = nemenyi(found.ranks, found.blocks)[order][:, order]
    names = tuple(str(scores.columns[place]) for place in order)
    critical = critical_difference(len(names), found.blocks)
    ranks = found.ranks[order]
    ranked = Ranked(
        methods=names,
        ranks=ranks,
        critical=critical,
        groups=cliques(ranks, critical),
        blocks=found.blocks,
        p=found.p,
    )
    numbers = pd.DataFrame({"method": names, "mean_rank": ranks, "blocks": found.blocks})
    numbers["critical_difference"], numbers["p_friedman"] = critical, found.p
    for place, name in enumerate(names):
        numbers[f"p (Nemenyi) against {name}"] = pairs[:, place]
    look = looks(tables.coloured, reference=choice.reference)
    return Drawn(figure=ranks_figure(ranked, look), numbers=numbers)


def cliques(ranks: Floats, critical: float) -> tuple[tuple[int, int], ...]:
    """First and last place of each largest run of sorted mean ranks within `critical`."""
    last = [int(np.flatnonzero(ranks - rank < critical)[-1]) for rank in ranks]
    return tuple(
        (first, end)
        for first, end in enumerate(last)
        if end > first and (first == 0 or end > last[first - 1])
    )


def ranks_figure(ranked: Ranked, looks: dict[str, Look]) -> go.Figure:
    """Mean ranks, joined where the critical difference does not part them (Demsar 2006, fig. 1)."""
    count = len(ranked.methods)
    figure = go.Figure()
    top = len(ranked.groups) + 1.6
    for place, (method, rank) in enumerate(zip(ranked.methods, ranked.ranks.tolist(), strict=True)):
        look = looks[method]
        figure.add_scatter(  # a thread from the bars to the mark
            x=[rank, rank],
            y=[len(ranked.groups) + 0.2, -place - 1],
            mode="lines",
            line={"color": look.color, "width": 1, "dash": "dot"},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=[rank],
            y=[-place - 1],
            mode="markers",
            marker={"color": look.color, "symbol": look.symbol, "size": 11},
            hovertemplate=f"{label(method)}: mean rank {number(rank)}<extra></extra>",
        )
    for level, (first, last) in enumerate(ranked.groups):
        ends = [ranked.ranks[first] - 0.04, ranked.ranks[last] + 0.04]
        figure.add_scatter(
            x=ends,
            y=[len(ranked.groups) - level - 0.4] * 2,
            mode="lines",
            line={"color": ZERO, "width": 6},
            hovertemplate=f"not parted: {label(ranked.methods[first])} to "
            f"{label(ranked.methods[last])}<extra></extra>",
        )
    _add_ruler(figure, ranked.critical, top)
    p = p_value(ranked.p)
    told = f"Friedman's p {p}" if p.startswith(("<", ">")) else f"Friedman's p = {p}"
    height = 200 + int(ROW_HEIGHT * (count + 0.7 * top))
    figure = dressed(figure, QUESTION, height=height)
    figure = remarked(figure, f"{many(ranked.blocks, 'block')}, not datasets; {told}", clear=4)
    figure.update_xaxes(
        range=[0.7, max(count, 1 + ranked.critical) + 0.3],
        title_text="mean rank",
        dtick=1,
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=[-place - 1 for place in range(count)],
        ticktext=[
            f"{label(method)}  {number(rank)}"
            for method, rank in zip(ranked.methods, ranked.ranks.tolist(), strict=True)
        ],
        range=[-count - 0.7, top + 0.9],
        zeroline=False,
    )
    figure.update_layout(showlegend=False)
    return figure


def _add_ruler(figure: go.Figure, critical: float, top: float) -> None:
    """The critical difference as a length, from rank 1."""
    figure.add_scatter(
        x=[1, 1 + critical],
        y=[top, top],
        mode="lines+markers+text",
        line={"color": ZERO, "width": 2},
        marker={"symbol": "line-ns-open", "size": 10, "color": ZERO},
        text=["", f"  critical difference {number(critical)}"],
        textposition="top left",
        textfont={"size": SMALL},
        hoverinfo="skip",
    )


RANKS = View(anchor="ranks", short="Mean ranks", build=_panel)
