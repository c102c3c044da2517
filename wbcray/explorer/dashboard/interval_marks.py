"""Intervals as small drawings in a table: one scale for all rows, zero in the middle."""

from dataclasses import dataclass
from math import isnan
from typing import final

import numpy as np
import pandas as pd

from wbcray.explorer.numbers.findings import UNDECIDED
from wbcray.metrics.practical_equivalence import ROPE

WIDTH, HEIGHT = 240, 30
"""Pixels; rows are as high, so that the scale runs through."""
SMALLEST_REACH = 0.05
"""Units of the score; below it the eye would see differences where there are none."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalMarks:
    """Draws the differences of a leaderboard.

    Attributes:
        reach: How far the scale goes to either side, in units of the score.
    """

    reach: float

    @classmethod
    def of(cls, board: pd.DataFrame) -> "IntervalMarks":
        """The scale that shows every interval on which a verdict stands."""
        told = board[~board["verdict"].str.startswith(UNDECIDED)]
        known = told[["difference", "low", "high"]].abs().to_numpy(dtype=np.float64)
        known = known[~np.isnan(known)]
        return cls(reach=max(float(known.max(initial=0.0)), SMALLEST_REACH) * 1.05)

    def mark(self, difference: float, low: float, high: float, *, color: str) -> str:
        """A row's drawing as SVG: its interval and mean, or only the scale where there is none.

        The band about zero is the region of practical equivalence.
        """
        left, zero, right = map(self._x, (-ROPE, 0.0, ROPE))
        middle = HEIGHT / 2
        drawn = (
            f'<rect class="rope" x="{left:.1f}" y="0" width="{right - left:.1f}" '
            f'height="{HEIGHT}"/><line class="zero" x1="{zero:.1f}" x2="{zero:.1f}" y1="0" '
            f'y2="{HEIGHT}"/>'
        )
        if not isnan(low) and not isnan(high):
            drawn += (
                f'<line class="interval" x1="{self._x(low):.1f}" x2="{self._x(high):.1f}" '
                f'y1="{middle}" y2="{middle}" stroke="{color}"/>'
            )
        if not isnan(difference):
            drawn += (
                f'<circle cx="{self._x(difference):.1f}" cy="{middle}" r="4.5" fill="{color}"/>'
            )
        return (
            f'<svg class="marks" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">{drawn}</svg>'
        )

    def _x(self, value: float) -> float:
        """Where a value stands; what is beyond the scale stands at its end."""
        inside = min(max(value, -self.reach), self.reach)
        return WIDTH * (inside + self.reach) / (2 * self.reach)
