"""Whether an image is like those a network was judged on: distances to nearest neighbours.

Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022: the distance to
the `NEIGHBOURS`-th nearest reference, here in two spaces. In that of the features, brought to
length 1, images lie together that the network takes for the same; what it has no eye for is seen in
that of a few numbers about colour, contrast and detail. Distances to class means (Lee et al. 2018)
would need a covariance of more numbers than there are images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Given = npt.NDArray[Any]

NEIGHBOURS = 3
"""Few, because a rare class has few images."""
FALSE_ALARMS = 0.01
"""Share of images like the references that is flagged by intent, in all spaces together."""
FEWEST = 20
"""References; with fewer there is no saying what is usual."""
_AT_ONCE = 512


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Space:
    """References in one space, and the distance beyond which an image is flagged."""

    references: Floats
    centre: Floats
    scale: Floats
    threshold: float

    def strangeness(self, given: Given) -> Floats:
        placed = (given.astype(np.float64) - self.centre) / self.scale
        return _distances(placed, self.references, NEIGHBOURS) / self.threshold


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Familiarity:
    """What is usual.

    Attributes:
        images: References that it was learnt from.
        false_alarms: Measured share of them that is flagged when the others are the references.
    """

    images: int
    false_alarms: float
    spaces: tuple[_Space, ...]

    def strangeness(self, features: Given, appearance: Given) -> Floats:
        """[images]: distance over its threshold, in the space where that is larger."""
        return _strangeness(self.spaces, (_of_length_one(features), appearance))


def familiarity(features: Given, appearance: Given) -> Familiarity | None:
    """With these images as references; None where they are fewer than `FEWEST`.

    A threshold is a percentile of the distance of each image to the others. False alarms are
    counted in either half of the images, with references and thresholds of the other half.

    Args:
        features: [images, dim], what the classifier sees.
        appearance: [images, numbers] of the same images.
    """
    if len(features) < FEWEST or len(appearance) != len(features):
        return None
    given = (_of_length_one(features), appearance.astype(np.float64))
    halves = [[one[start::2] for one in given] for start in (0, 1)]
    flagged = sum(
        int((_strangeness(_spaces(own), other) > 1).sum()) for own, other in (halves, halves[::-1])
    )
    return Familiarity(
        images=len(features), false_alarms=flagged / len(features), spaces=_spaces(given)
    )


def _spaces(given: Sequence[Floats]) -> tuple[_Space, ...]:
    features, appearance = given
    plain = np.zeros(features.shape[1]), np.ones(features.shape[1])
    spread = appearance.std(axis=0)
    standardised = appearance.mean(axis=0), np.where(spread > 0, spread, 1.0)
    return _space(features, *plain), _space(appearance, *standardised)


def _space(given: Floats, centre: Floats, scale: Floats) -> _Space:
    references = (given - centre) / scale
    # each finds itself first, at distance 0
    own = np.sort(_distances(references, references, NEIGHBOURS + 1))
    # of n + 1 images alike, the new one among them, this place is passed by half of FALSE_ALARMS
    place = int(np.ceil((len(own) + 1) * (1 - FALSE_ALARMS / 2)))
    threshold = max(float(own[min(place, len(own)) - 1]), float(np.finfo(np.float32).eps))
    return _Space(references=references, centre=centre, scale=scale, threshold=threshold)


def _strangeness(spaces: Sequence[_Space], given: Sequence[Given]) -> Floats:
    found = [space.strangeness(one) for space, one in zip(spaces, given, strict=True)]
    largest: Floats = np.max(found, axis=0)
    return largest


def _distances(given: Floats, references: Floats, neighbour: int) -> Floats:
    squares = (references**2).sum(1)
    found = []
    for start in range(0, len(given), _AT_ONCE):
        some = given[start : start + _AT_ONCE]
        apart = (some**2).sum(1)[:, None] + squares - 2 * some @ references.T
        found.append(np.partition(apart, neighbour - 1, axis=1)[:, neighbour - 1])
    return np.sqrt(np.maximum(np.concatenate(found), 0.0)) if found else np.empty(0)


def _of_length_one(features: Given) -> Floats:
    given = features.astype(np.float64)
    lengths: Floats = np.linalg.norm(given, axis=1, keepdims=True)
    return given / np.where(lengths > 0, lengths, 1.0)
