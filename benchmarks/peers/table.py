"""Turns as rows of a table: rates, and ratios of turns that stood beside each other."""

import statistics
from collections.abc import Mapping, Sequence

from benchmarks.peers.case import SIDES, Case, Turn

HEAD = (
    "| case | clock | theirs | ours, float32 | ours, auto | float32 against theirs | "
    "auto against theirs | peak MB: theirs, float32, auto |\n|---|---|---|---|---|---|---|---|"
)


def spread(values: Sequence[float]) -> str:
    """`median (smallest .. largest)`, three digits each.

    >>> spread([2.0, 1.0, 4.0])
    '2.00 (1.00 .. 4.00)'
    """
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{_shown(middle)} ({_shown(low)} .. {_shown(high)})"


def rates(turns: Sequence[Turn], clock: str) -> list[float]:
    """Images per second of each turn by `cpu` or `wall`."""
    return [one.images / (one.cpu if clock == "cpu" else one.wall) for one in turns]


def ratios(ours: Sequence[Turn], theirs: Sequence[Turn], clock: str) -> list[float]:
    """How many times as fast ours was, turn by turn."""
    pairs = zip(rates(ours, clock), rates(theirs, clock), strict=True)
    return [a / b for a, b in pairs]


def rows(case: Case, found: Mapping[str, Sequence[Turn]]) -> list[str]:
    """A row by processor time, and one by the clock."""
    name = f"{case.method}, {case.network}, {case.size} px"
    peaks = ", ".join(f"{max(one.peak_mb for one in found[side]):,.0f}" for side in SIDES)
    theirs, exact, auto = (found[side] for side in SIDES)
    lines = []
    for clock, shown in (("cpu", "processor"), ("wall", "wall")):
        cells = [
            name,
            shown,
            *(spread(rates(one, clock)) for one in (theirs, exact, auto)),
            spread(ratios(exact, theirs, clock)),
            spread(ratios(auto, theirs, clock)),
            peaks,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _shown(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}" if value >= 10 else f"{value:.2f}"
