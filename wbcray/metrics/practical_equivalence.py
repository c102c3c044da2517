"""How probable it is that one method is better than another by more than is worth mentioning.

The Bayesian correlated t-test (Corani & Benavoli 2015, doi:10.1007/s10994-015-5486-z; Benavoli et
al. 2017, JMLR 18(77), equation 8): with a flat prior the mean difference is, given the folds,
Student-distributed about its mean, with the error of the corrected paired test.
"""

from dataclasses import dataclass
from math import isnan, nan
from typing import final

from wbcray.metrics.comparison import FOLDS_FOR_VERDICT, PairedDifference
from wbcray.metrics.student import below

ROPE = 0.01
"""Half the region of practical equivalence, in units of the score: one hundredth is no gain."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Practical:
    """Probabilities that sum to 1: better by more than `ROPE`, within it, worse by more than it.

    NaN below `FOLDS_FOR_VERDICT` folds, and without a spread.
    """

    better: float
    equal: float
    worse: float


def practical(difference: PairedDifference, *, rope: float = ROPE) -> Practical:
    """The three probabilities of a corrected paired difference."""
    if difference.folds < FOLDS_FOR_VERDICT or isnan(difference.p):
        return Practical(better=nan, equal=nan, worse=nan)
    if not difference.error:
        return Practical(better=0.0, equal=1.0, worse=0.0)
    worse, not_better = (
        below((edge - difference.mean) / difference.error, difference.freedom)
        for edge in (-rope, rope)
    )
    return Practical(better=1 - not_better, equal=not_better - worse, worse=worse)
