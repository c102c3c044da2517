"""Where the best trials lie at the end of a searched range, the range was too narrow."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal, final

import numpy as np
import pandas as pd

from wbcray.explorer.reading.parameters import Parameter

NEAR = 0.05
"""Share of the searched range, on its own scale, that counts as its edge."""
BEST_SHARE = 0.1
FEWEST_BEST = 3
FEWEST_TRIALS = 10


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A setting whose best trials crowd at one end of what was searched.

    Attributes:
        near: How many of the best trials lie there.
        best: How many best trials were looked at.
        end: The value at that end of the range.
    """

    name: str
    side: Literal["lower", "upper"]
    near: int
    best: int
    end: float


def edges(trials: pd.DataFrame, parameters: Sequence[Parameter]) -> tuple[Edge, ...]:
    """Settings at the end of their range in most of the best trials of one study.

    `trials` are complete ones; the best are the top tenth, at least three. Settings of few values
    are left out: one of their values is always an end.
    """
    if len(trials) < FEWEST_TRIALS:
        return ()
    count = max(FEWEST_BEST, ceil(BEST_SHARE * len(trials)))
    best = trials.nlargest(count, "value")
    found = []
    for parameter in parameters:
        if parameter.choices or parameter.steps or not parameter.ranged:
            continue
        positions = parameter.positions(best)
        low, high = parameter.span(positions)
        place = (positions - low) / (high - low)
        lower, upper = int(np.sum(place <= NEAR)), int(np.sum(place >= 1 - NEAR))
        if max(lower, upper) * 2 > count:
            side: Literal["lower", "upper"] = "lower" if lower > upper else "upper"
            end = parameter.low if side == "lower" else parameter.high
            found.append(
                Edge(name=parameter.name, side=side, near=max(lower, upper), best=count, end=end)
            )
    return tuple(found)
