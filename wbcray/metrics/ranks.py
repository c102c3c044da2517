"""Ranks of methods over blocks: Friedman's test, Nemenyi's critical difference, signed ranks."""

from dataclasses import dataclass
from math import nan, sqrt
from typing import final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ALPHA = 0.05
FEWEST_BLOCKS = 6
"""With five blocks no rank test reaches p < 0.05 two-sided: the smallest is 2 / 2**5 = 0.0625."""
FEWEST_METHODS = 3
_STEPS = 1200
_SPAN = 9.0
_BISECTIONS = 60


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Friedman:
    """Whether the mean ranks of methods differ at all.

    Attributes:
        ranks: Mean rank of each method, float64 [methods]; 1 is best, equal scores share a rank.
        statistic: Chi-square, corrected for ties; NaN where all scores of every block are equal.
        p: Of the chi-square distribution with one degree of freedom less than methods.
    """

    blocks: int
    ranks: Floats
    statistic: float
    p: float


def friedman(scores: Floats) -> Friedman:
    """Friedman 1937, doi:10.1080/01621459.1937.10503522, on scores of which more is better.

    Args:
        scores: float64 [blocks, methods] without NaN.

    Raises:
        ValueError: For fewer than two blocks or `FEWEST_METHODS` methods, or NaN.
    """
    blocks, methods = scores.shape
    if blocks < 2 or methods < FEWEST_METHODS or np.isnan(scores).any():  # noqa: PLR2004
        raise ValueError(f"needs a full table of 2 blocks and 3 methods, got {blocks} x {methods}")
    from scipy import special

    ranks = np.stack([_ranks(-row) for row in scores])
    spread = float((ranks**2).sum() - blocks * methods * (methods + 1) ** 2 / 4)
    if not spread:
        return Friedman(blocks=blocks, ranks=ranks.mean(axis=0), statistic=nan, p=nan)
    sums = ranks.sum(axis=0)
    between = float(((sums - blocks * (methods + 1) / 2) ** 2).sum())
    statistic = (methods - 1) * between / spread
    p = float(special.chdtrc(methods - 1, statistic))
    return Friedman(blocks=blocks, ranks=ranks.mean(axis=0), statistic=statistic, p=p)


def critical_difference(methods: int, blocks: int, *, alpha: float = ALPHA) -> float:
    """How far two mean ranks must be apart (Nemenyi; Demsar 2006, JMLR 7, section 3.2.2).

    Raises:
        ValueError: For fewer than two methods or one block.
    """
    if methods < 2 or blocks < 1:  # noqa: PLR2004  # a difference is of two
        raise ValueError(f"needs 2 methods and 1 block, got {methods} and {blocks}")
    return _range_quantile(1 - alpha, methods) / sqrt(2) * _rank_error(methods, blocks)


def nemenyi(ranks: Floats, blocks: int) -> Floats:
    """P values of all pairs of mean ranks, float64 [methods, methods], adjusted for all pairs."""
    apart = np.abs(ranks[:, np.newaxis] - ranks[np.newaxis])
    statistic = apart / _rank_error(len(ranks), blocks) * sqrt(2)
    below = [[_range_below(float(q), len(ranks)) for q in row] for row in statistic]
    p: Floats = 1 - np.array(below, dtype=np.float64)
    np.fill_diagonal(p, 1.0)
    return p


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRanks:
    """Wilcoxon's signed ranks of paired differences, for information.

    Attributes:
        wins, ties, losses: Blocks above, at and below zero.
        p: Two-sided and exact; 1 where every block is a tie.
        possible: The smallest p that so many untied blocks can give.
    """

    wins: int
    ties: int
    losses: int
    p: float
    possible: float


def signed_ranks(differences: Floats) -> SignedRanks:
    """Wilcoxon 1945, doi:10.2307/3001968: ties at zero are left out, equal sizes share ranks.

    Exact over all signs. It takes blocks as independent, which folds are not, so it decides nothing
    here.
    """
    known = differences[~np.isnan(differences)]
    untied = known[known != 0]
    doubled = np.rint(2 * _ranks(np.abs(untied))).astype(np.int64)
    total = int(doubled.sum())
    ways = np.zeros(total + 1)
    ways[0] = 1.0
    for rank in doubled.tolist():
        ways[rank:] += ways[: total + 1 - rank].copy()
    positive = int(doubled[untied > 0].sum())
    lesser = min(positive, total - positive)
    p = min(1.0, 2 * float(ways[: lesser + 1].sum()) / 2.0**untied.size)
    return SignedRanks(
        wins=int((known > 0).sum()),
        ties=int((known == 0).sum()),
        losses=int((known < 0).sum()),
        p=p,
        possible=min(1.0, 2 / 2.0**untied.size),
    )


def _ranks(values: Floats) -> Floats:
    """Ranks from 1 (smallest); equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    shared: Floats = (last - (count - 1) / 2)[place]
    return shared


def _rank_error(methods: int, blocks: int) -> float:
    return sqrt(methods * (methods + 1) / (6 * blocks))


def _range_below(q: float, methods: int) -> float:
    """Probability that the range of `methods` standard normal values is below `q`."""
    from scipy import special

    # equal steps integrate what vanishes at both ends to the last digits
    z = np.linspace(-_SPAN, _SPAN, _STEPS + 1)
    inside = special.ndtr(z) - special.ndtr(z - q)
    density = np.exp(-(z**2) / 2) / sqrt(2 * np.pi)
    integral = (density * inside ** (methods - 1)).sum() * (2 * _SPAN / _STEPS)
    return float(min(1.0, methods * integral))


def _range_quantile(probability: float, methods: int) -> float:
    low, high = 0.0, 2 * _SPAN
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if _range_below(middle, methods) < probability else (low, middle)
    return (low + high) / 2


def spearman(first: Floats, second: Floats) -> float:
    """Spearman's rank correlation of pairs without NaN; NaN where one side never changes."""
    known = ~(np.isnan(first) | np.isnan(second))
    ranks = [_ranks(values[known]) for values in (first, second)]
    if known.sum() < 2 or min(float(np.ptp(one)) for one in ranks) == 0:  # noqa: PLR2004
        return nan
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
