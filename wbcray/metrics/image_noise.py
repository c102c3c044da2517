"""How far scores of methods depend on which images a domain happens to have, alone and in pairs.

All methods judge the same images, and what is hard for one is mostly hard for the others. Of a
difference that part falls out, if both scores are taken on the same draws of images: the paired
bootstrap (Koehn 2004, EMNLP; Efron & Tibshirani 1993, chapter 8).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, nan
from typing import final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageNoise:
    """The noise of the images that the methods of one held-out domain are judged on.

    Attributes:
        deviations: Of each method's score from its mean over draws of images, float64 [draws], NaN
            where a draw has no score. A method that is not in it has no noise.
        aligned: The methods whose deviations are of the same images, draw for draw.
        units: How many images, or patients where they are named, the aligned draws choose from; 0
            where that is not known.
    """

    deviations: Mapping[str, Floats] = field(default_factory=dict)
    aligned: frozenset[str] = frozenset()
    units: int = 0

    def paired(self, first: str, second: str) -> bool:
        """Whether it is known how the two depend on the same images."""
        return {first, second} <= self.aligned

    def of(self, method: str) -> float:
        """Standard deviation of a method's score over the choice of images; NaN if not known."""
        deviations = self.deviations.get(method)
        return nan if deviations is None else _std(deviations)

    def of_difference(self, first: str, second: str) -> float:
        """The variance of the difference of two scores over the choice of images.

        Where the two are not `paired`, as if each judged images of its own: more than it is, unless
        several images are of one patient, which counts do not tell.
        """
        if self.paired(first, second):
            return _std(self.deviations[first] - self.deviations[second]) ** 2
        known = (self.of(name) ** 2 for name in (first, second))
        return sum(0.0 if np.isnan(one) else one for one in known)

    def draws_of_difference(self, first: str, second: str) -> Floats:
        """Deviations of the difference over draws of images, float64 [draws]; both are known."""
        one, other = self.deviations[first], self.deviations[second]
        if not self.paired(first, second):
            # drawn with one seed, so one of them is dealt anew
            other = other[np.random.default_rng(len(one)).permutation(len(other))]
        return np.nan_to_num(one) - np.nan_to_num(other)

    def freedom(self, first: str, second: str) -> float:
        """Degrees of freedom of `of_difference`; without an end where units are not known."""
        known = self.units and self.paired(first, second)
        return float(max(self.units - 1, 1)) if known else inf


def _std(deviations: Floats) -> float:
    known = deviations[~np.isnan(deviations)]
    return float(np.std(known, ddof=1)) if known.size > 1 else nan
