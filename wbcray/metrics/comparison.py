"""Is the difference between two methods real? Paired over folds, corrected for their overlap.

Folds share most of their training images, so their scores are not independent and the usual
paired t-test finds too much. Nadeau & Bengio 2003, doi:10.1023/A:1024068626366, replace the
variance `s**2 / k` of the mean of `k` differences by `s**2 * (1/k + n_test/n_train)`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ALPHA = 0.05
FOLDS_FOR_INTERVAL = 2
FOLDS_FOR_VERDICT = 3
"""With two folds one degree of freedom is left: the interval is shown, but decides nothing."""

NO_SPREAD = 1e-12
"""Differences that agree this closely have no spread that a test could stand on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """A mean difference over folds, positive when the method is above its reference.

    `low`, `high` (95 % unless asked otherwise) and `p` (two-sided, not adjusted) are NaN where
    the spread cannot be estimated; `mean` is NaN without a shared fold.
    """

    folds: int
    mean: float
    low: float
    high: float
    p: float


def paired_difference(
    values: Floats, reference: Floats, *, test_over_train: float, confidence: float = 1 - ALPHA
) -> PairedDifference:
    """The corrected paired comparison of two methods on the same folds.

    Args:
        values: Scores of the method, float64 [folds]; NaN for a fold that is missing.
        reference: Scores of the reference on the same folds.
        test_over_train: Images in a fold's test part over images in its training part.
        confidence: Of the interval.

    Equal differences in all folds leave no spread: all zero is p = 1, anything else is undecided,
    because on few images scores are coarse and agree by accident.
    """
    differences = values - reference
    differences = differences[~np.isnan(differences)]
    folds = len(differences)
    if not folds:
        return PairedDifference(folds=0, mean=nan, low=nan, high=nan, p=nan)
    mean = float(differences.mean())
    if folds < FOLDS_FOR_INTERVAL:
        return PairedDifference(folds=folds, mean=mean, low=nan, high=nan, p=nan)
    spread = float(differences.std(ddof=1))
    if spread <= NO_SPREAD:
        same = abs(mean) <= NO_SPREAD
        low, p = (mean, 1.0) if same else (nan, nan)
        return PairedDifference(folds=folds, mean=mean, low=low, high=low, p=p)
    error = spread * sqrt(1 / folds + test_over_train)
    half, p = _student(mean / error, folds - 1, confidence)
    half *= error
    return PairedDifference(folds=folds, mean=mean, low=mean - half, high=mean + half, p=p)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P values adjusted for being several (Holm 1979), in the given order.

    NaN stays NaN and does not count as a comparison.
    """
    order = sorted((p, number) for number, p in enumerate(p_values) if not isnan(p))
    adjusted = [nan] * len(p_values)
    floor = 0.0
    for rank, (p, number) in enumerate(order):
        floor = max(floor, min(1.0, p * (len(order) - rank)))
        adjusted[number] = floor
    return tuple(adjusted)


def verdict(difference: PairedDifference, *, p_adjusted: float, alpha: float = ALPHA) -> str:
    """`better`, `worse`, `tie` or `cannot tell (n folds)`, by the adjusted p value.

    A tie says that these folds do not separate the two, not that they are equal.
    """
    if difference.folds < FOLDS_FOR_VERDICT or isnan(p_adjusted):
        plural = "" if difference.folds == 1 else "s"
        return f"cannot tell ({difference.folds} fold{plural})"
    if p_adjusted >= alpha:
        return "tie"
    return "better" if difference.mean > 0 else "worse"


def tie_groups(
    scores: Mapping[str, Floats],
    *,
    test_over_train: float,
    decided: Mapping[frozenset[str], bool] | None = None,
) -> dict[str, int]:
    """The group of each method, from 1 (best), in order of the mean score.

    A group is the best of those left and all that are not separable from it (corrected test, Holm
    over those compared with it). A steady method may thus be separable from the best although a
    lower, unsteady one is not. Methods without any score are left out.

    Args:
        scores: Scores by method, float64 [folds]; NaN for a fold that is missing.
        test_over_train: As in `paired_difference`.
        decided: Pairs that another comparison calls separable (True) or not; it has the last word,
            so that one page does not say both.
    """
    means = {name: float(np.nanmean(v)) for name, v in scores.items() if not np.isnan(v).all()}
    ranking = sorted(means, key=lambda name: (-means[name], name))
    groups: dict[str, int] = {}
    group = 0
    while ranking:
        group += 1
        leader = ranking[0]
        apart = _below(leader, {name: scores[name] for name in ranking}, test_over_train)
        for pair, separable in (decided or {}).items():
            apart = apart | (pair - {leader}) if separable and leader in pair else apart
            apart = apart - pair if not separable and leader in pair else apart
        groups |= {name: group for name in ranking if name not in apart}
        ranking = [name for name in ranking if name in apart]
    return groups


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainMean:
    """A difference averaged over held-out domains, each counting once.

    No test is offered: two to four domains cannot carry one. `low` and `high` are the smallest
    and largest domain-level difference, `positive` counts the domains above zero.
    """

    domains: int
    mean: float
    low: float
    high: float
    positive: int


def over_domains(differences: Mapping[str, float]) -> DomainMean:
    """The mean of domain-level differences; NaN ones are left out and not counted."""
    known = [value for value in differences.values() if not isnan(value)]
    if not known:
        return DomainMean(domains=0, mean=nan, low=nan, high=nan, positive=0)
    return DomainMean(
        domains=len(known),
        mean=sum(known) / len(known),
        low=min(known),
        high=max(known),
        positive=sum(value > 0 for value in known),
    )


def _below(leader: str, scores: Mapping[str, Floats], test_over_train: float) -> frozenset[str]:
    """The methods that are separably worse than `leader`."""
    rest = {
        name: paired_difference(values, scores[leader], test_over_train=test_over_train)
        for name, values in scores.items()
        if name != leader
    }
    adjusted = holm([difference.p for difference in rest.values()])
    return frozenset(
        name
        for (name, difference), p in zip(rest.items(), adjusted, strict=True)
        if verdict(difference, p_adjusted=p) == "worse"
    )


def _student(statistic: float, freedom: int, confidence: float) -> tuple[float, float]:
    """The interval's half width in standard errors, and the two-sided p value."""
    from scipy import stats  # two seconds to import, and most commands never compare

    if isnan(statistic):
        return nan, nan
    half = float(stats.t.ppf(0.5 + confidence / 2, freedom))
    return half, float(2 * stats.t.sf(abs(statistic), freedom))
