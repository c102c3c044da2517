"""What would be right by chance: predictions against truths that were shuffled within domains.

If validation labels are in a random order that training knew nothing of, every arrangement of them
within a domain is equally likely, whatever was predicted. Mean and variance of the number of right
answers over all arrangements are known exactly (Hoeffding 1951, doi:10.1214/aoms/1177729698), so
that a few trainings decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from wbcray.core.result import Counts
from wbcray.metrics.counts import by_domain

LIMIT = 3.0
"""Standard errors from chance that are too many; above by accident once in 740 checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RightByChance:
    """Right answers of one network, and their distribution if its labels mean nothing to it.

    Attributes:
        images: How many were judged.
        right: Right answers.
        mean: Expected right answers.
        variance: Of the right answers; 0 where no arrangement of the labels could change them.
    """

    images: int
    right: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstChance:
    """Several networks together, as shares of the images judged; NaN without any image.

    Attributes:
        observed: Accuracy.
        chance: Expected accuracy if the labels mean nothing.
        error: Its standard error.
        z: `observed` minus `chance` in standard errors; NaN where `error` is 0.
    """

    observed: float
    chance: float
    error: float
    z: float

    @property
    def verdict(self) -> str:
        """`at chance`, `above chance`, `below chance` or `cannot tell`."""
        if np.isnan(self.z):
            return "cannot tell"
        if abs(self.z) <= LIMIT:
            return "at chance"
        return "above chance" if self.z > 0 else "below chance"


def right_by_chance(counts: Counts) -> RightByChance:
    """The right answers in `counts` and their distribution over labels shuffled within domains."""
    moments = [_moments(table) for table in by_domain(counts)]
    return RightByChance(
        images=int(counts.sum()),
        right=int(np.trace(by_domain(counts), axis1=1, axis2=2).sum()),
        mean=sum(mean for mean, _ in moments),
        variance=sum(variance for _, variance in moments),
    )


def against_chance(found: Sequence[RightByChance]) -> AgainstChance:
    """All of `found` together; their labels must have been shuffled independently."""
    images = sum(one.images for one in found)
    if not images:
        nan = float("nan")
        return AgainstChance(observed=nan, chance=nan, error=nan, z=nan)
    right, mean = sum(one.right for one in found), sum(one.mean for one in found)
    spread = sqrt(sum(one.variance for one in found))
    return AgainstChance(
        observed=right / images,
        chance=mean / images,
        error=spread / images,
        z=(right - mean) / spread if spread > 0 else float("nan"),
    )


def _moments(table: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Mean and variance of the right answers of one domain, over arrangements of its labels.

    An image of true class `t` that is predicted `p` is right where t = p. That table of 0 and 1
    [images, predictions] is centred by rows and columns; the variance is the sum of its squares
    over the images less one. Rows of one class are alike, and columns, so classes suffice.
    """
    true, said = table.sum(axis=1).astype(np.float64), table.sum(axis=0).astype(np.float64)
    images = float(true.sum())
    if not images:
        return 0.0, 0.0
    agreement = float(true @ said)
    if images == 1:
        return agreement, 0.0
    centred = (
        np.eye(len(true))
        - said[:, np.newaxis] / images
        - true[np.newaxis, :] / images
        + agreement / images**2
    )
    squares = float((np.outer(true, said) * centred**2).sum())
    return agreement / images, squares / (images - 1)
