"""What searches spent to reach a target, where some never did: medians, ratios, intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 4000
RESAMPLED = 400
"""Of the draws, where each is over thousands of values."""

SEED = 20_261_123


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A number and its 95 % interval; infinite where searches that never ended decide it."""

    middle: float
    low: float
    high: float

    def show(self, digits: str = ".3g") -> str:
        """`middle (low .. high)`."""
        shown = (_shown(value, digits) for value in (self.middle, self.low, self.high))
        return "{} ({} .. {})".format(*shown)


def median(spent: Sequence[float] | Floats) -> float:
    """The median of what was spent; a search that never reached the target counts as infinite.

    An even number of values has the lower of the middle two where the upper one is infinite.
    """
    ordered = sorted(spent)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return float(low if np.isinf(high) else (low + high) / 2)


def median_range(spent: Sequence[float]) -> Range:
    """The median, with the interval of a percentile bootstrap over searches."""
    values = np.asarray(spent, dtype=np.float64)
    found = [median(values[places]) for places in _draws(len(values))]
    return _range(median(values), found)


def ratio_range(theirs: Sequence[float], ours: Sequence[float], *, paired: bool) -> Range:
    """How many times as much the median of `theirs` is, bootstrapped over searches.

    Args:
        theirs: What the searches to compare with spent.
        ours: What ours spent.
        paired: Whether searches at the same place had the same target, and are drawn together.
    """
    a, b = np.asarray(theirs, dtype=np.float64), np.asarray(ours, dtype=np.float64)
    of_a = _draws(len(a))
    of_b = of_a if paired else _draws(len(b), stream=1)
    found = [_ratio(a[i], b[j]) for i, j in zip(of_a, of_b, strict=True)]
    return _range(_ratio(a, b), found)


def ratio_over_searches(theirs: Sequence[float], ours: Floats) -> Range:
    """How many times as much the median of `theirs` is, bootstrapped over the searches of ours.

    Args:
        theirs: What the searches to compare with spent, each for a target of its own.
        ours: [searches, targets]: what each of a few real searches spent for each target. Targets
            are not drawn anew: there are as many as one likes, but each search was made once.
    """
    whole = median(theirs)
    found = [whole / median(ours[places].ravel()) for places in _draws(len(ours))[:RESAMPLED]]
    return _range(whole / median(ours.ravel()), found)


def quarters(spent: Sequence[float]) -> tuple[float, float]:
    """The lower and the upper quartile, values that occur."""
    ordered = sorted(spent)
    return ordered[(len(ordered) - 1) // 4], ordered[-1 - (len(ordered) - 1) // 4]


def share_reached(spent: Sequence[float]) -> float:
    """The share of searches that reached the target."""
    return float(np.mean(np.isfinite(np.asarray(spent, dtype=np.float64))))


def _ratio(theirs: Floats, ours: Floats) -> float:
    above, below = median(theirs), median(ours)
    if np.isinf(above) and np.isinf(below):
        return float("nan")
    return above / below


def _range(middle: float, found: Sequence[float]) -> Range:
    known = [value for value in found if not np.isnan(value)] or [float("nan")]
    low, high = np.quantile(known, [0.025, 0.975], method="nearest")
    return Range(middle=middle, low=float(low), high=float(high))


def _draws(count: int, *, stream: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng([SEED, stream]).integers(count, size=(DRAWS, count))


def _shown(value: float, digits: str) -> str:
    return "never" if np.isinf(value) else format(value, digits)
