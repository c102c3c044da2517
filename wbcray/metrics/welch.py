"""Comparing published summaries: two means with standard deviations, nothing paired."""

from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import final

from wbcray.metrics.student import half_width, two_sided


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a paper prints: the mean of `n` values and their standard deviation (ddof 1)."""

    mean: float
    std: float
    n: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryDifference:
    """First minus second with its interval and two-sided p; NaN where it cannot be computed."""

    mean: float
    low: float
    high: float
    p: float


def welch(first: Summary, second: Summary, *, confidence: float = 0.95) -> SummaryDifference:
    """The difference of two means with unequal variances.

    Welch 1947, doi:10.1093/biomet/34.1-2.28.
    The two are taken as independent. Folds of one data set are not, so where the values themselves
    are known `comparison.paired_difference` is right and this is not; for a printed table it is all
    that can be done.
    """
    mean = first.mean - second.mean
    parts = [one.std**2 / one.n for one in (first, second)]
    error = sqrt(sum(parts))
    if min(first.n, second.n) < 2 or isnan(error) or not error:  # noqa: PLR2004  # no spread of one
        return SummaryDifference(mean=mean, low=nan, high=nan, p=nan)
    pairs = zip(parts, (first, second), strict=True)
    freedom = error**4 / sum(part**2 / (one.n - 1) for part, one in pairs)
    half = half_width(confidence, freedom) * error
    p = two_sided(mean / error, freedom)
    return SummaryDifference(mean=mean, low=mean - half, high=mean + half, p=p)
