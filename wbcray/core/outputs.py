"""What a network said of a set of images, one by one: predictions, probabilities, features."""

from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
import numpy.typing as npt

from wbcray.core.sealed import Sealed

Numbers = npt.NDArray[np.int64]
MOST_FEATURES = 2000
"""Images of a set whose features are kept: at 512 numbers of 2 bytes each, 2 MB."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageOutputs:
    """Outputs of one network for one set of images, one row an image.

    Attributes:
        positions: int64 [images], places in the run's catalog, which is the order of `images.json`.
        domains: int64 [images], domain ids.
        true: int64 [images], class ids.
        predicted: int64 [images], the class with the highest logit, the first of equals; kept
            apart because two logits may be one probability in float32.
        probabilities: float32 [images, classes], softmax of the logits.
        sampled: int64 [k], rows whose features are kept, ascending.
        features: float16 [k, dim], what the classifier sees.
        appearance: float32 [k, 7], colour, contrast and detail (`data.appearance`), of the same
            images; without rows where it is not kept.
    """

    positions: Numbers
    domains: Numbers
    true: Numbers
    predicted: Numbers
    probabilities: npt.NDArray[np.float32]
    sampled: Numbers
    features: npt.NDArray[np.float16]
    appearance: npt.NDArray[np.float32] = field(
        default_factory=lambda: np.empty((0, 7), dtype=np.float32)
    )

    def __post_init__(self) -> None:
        """Refuse what does not fit together.

        Raises:
            ValueError: For columns of different lengths, rows that do not exist, or numbers that
                are not finite.
        """
        rows = len(self.positions)
        columns: tuple[npt.NDArray[Any], ...] = (
            *(self.domains, self.true, self.predicted, self.probabilities),
        )
        if any(len(column) != rows for column in columns):
            raise ValueError("columns of different lengths")
        if len(self.sampled) != len(self.features):
            raise ValueError("not as many features as images that have some")
        if len(self.appearance) not in (0, len(self.sampled)):
            raise ValueError("not as many appearances as images that have features")
        if len(self.sampled) and not 0 <= self.sampled.min() <= self.sampled.max() < rows:
            raise ValueError("features of images that are not there")
        numbers: tuple[npt.NDArray[Any], ...] = (
            *(self.probabilities, self.features, self.appearance),
        )
        if not all(np.isfinite(one).all() for one in numbers):
            raise ValueError("numbers that are not finite")

    def counts(self, *, domains: int) -> Numbers:
        """int64 [domains, true, predicted]: to be compared with what was recorded.

        Raises:
            IndexError: For ids beyond the domains or classes.
        """
        classes = self.probabilities.shape[1]
        counts = np.zeros((domains, classes, classes), dtype=np.int64)
        np.add.at(counts, (self.domains, self.true, self.predicted), 1)
        return counts


@final
class SealedOutputs(Sealed[ImageOutputs]):
    """Outputs for the held-out domain."""

    __slots__ = ()
