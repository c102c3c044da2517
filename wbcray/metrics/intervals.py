"""The uncertainty of a share that was counted on few images."""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple


class Interval(NamedTuple):
    """Lower and upper end; both NaN where there is nothing to go by."""

    low: float
    high: float


def wilson(successes: float | int, n: float | int, *, confidence: float = 0.95) -> Interval:
    """The interval of a share `successes / n` of `n` images.

    Wilson 1927, doi:10.1080/01621459.1927.10502953. Unlike the textbook interval it is not empty
    at 0 or `n` successes. `successes` may be a mean over repeated trainings and so a fraction.

    Raises:
        ValueError: If `successes` is not within 0 .. `n`.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie within 0 .. {n}, got {successes}")
    if n == 0:
        return Interval(float("nan"), float("nan"))
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / n
    center = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(max(0.0, center - half), min(1.0, center + half))
