"""The same draws of images for every network that judged them.

Images are drawn with replacement, as many as there are, from all of them: how many there are of a
class is left to chance, as in `metrics.bootstrap.resampled`. Images of one patient are drawn
together, for they are alike.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from wbcray.core.result import Counts
from wbcray.metrics.bootstrap import REPLICATES, SEED

Numbers = npt.NDArray[np.int64]
Weights = npt.NDArray[np.int16]

_KEPT = 8
"""Drawings that stay in memory: 8 MB each for 10,000 images."""


def image_weights(units: Numbers, *, replicates: int = REPLICATES) -> Weights:
    """How often each image is drawn, int16 [images, replicates].

    Args:
        units: int64 [images], what is drawn together: numbers from 0 without gaps, images of one
            patient have the same.
        replicates: How many drawings.
    """
    return _weights(units.astype(np.int64).tobytes(), replicates)


@lru_cache(maxsize=_KEPT)
def _weights(units: bytes, replicates: int) -> Weights:
    """Remembered, because all networks of a domain and all methods ask for the same."""
    unit = np.frombuffer(units, dtype=np.int64)
    count = int(unit.max(initial=-1)) + 1
    drawn = np.random.default_rng(SEED).integers(0, max(count, 1), size=(replicates, count))
    drawn += count * np.arange(replicates)[:, np.newaxis]
    times = np.bincount(drawn.ravel(), minlength=replicates * count).reshape(replicates, count)
    weights = times.T.astype(np.int16)[unit]
    weights.flags.writeable = False
    return weights


def drawn_tables(true: Numbers, predicted: Numbers, weights: Weights, *, classes: int) -> Counts:
    """Confusion tables of the drawn images, int64 [replicates, 1, true, predicted].

    Args:
        true: int64 [images], class ids.
        predicted: int64 [images], what one network said of them.
        weights: Of `image_weights`.
        classes: How many the run has.
    """
    places = true * classes + predicted
    order = np.argsort(places, kind="stable")
    found, starts = np.unique(places[order], return_index=True)
    tables = np.zeros((classes * classes, weights.shape[1]), dtype=np.int64)
    if found.size:
        tables[found] = np.add.reduceat(weights[order], starts, axis=0, dtype=np.int64)
    return np.ascontiguousarray(tables.T).reshape(-1, 1, classes, classes)
