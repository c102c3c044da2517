"""Views of confusion counts: pooled over domains, one domain, what was there, what was said.

Counts are int64 [domain, true, predicted] or, for one domain or an already pooled table, int64
[true, predicted]. Every function takes both.
"""

import numpy as np
import numpy.typing as npt

from wbcray.core.result import Counts

POOLED_AXES = 2
DOMAIN_AXES = 3


def by_domain(counts: Counts) -> Counts:
    """The counts as [domain, true, predicted]; a pooled table becomes one domain.

    Raises:
        ValueError: For another number of axes, a table that is not square, or negative counts.
    """
    shape = counts.shape
    if len(shape) not in (POOLED_AXES, DOMAIN_AXES) or shape[-1] != shape[-2]:
        raise ValueError(f"counts must be [domain, true, predicted] and square, got shape {shape}")
    if counts.size and counts.min() < 0:
        raise ValueError(f"counts cannot be negative, got {counts.min()}")
    return counts if counts.ndim == DOMAIN_AXES else counts[np.newaxis]


def pooled(counts: Counts) -> Counts:
    """The counts of all domains together, [true, predicted]."""
    total: Counts = by_domain(counts).sum(axis=0)
    return total


def support(counts: Counts) -> npt.NDArray[np.int64]:
    """Images of each true class over all domains, [classes]."""
    images: npt.NDArray[np.int64] = pooled(counts).sum(axis=1)
    return images


def predictions(counts: Counts) -> npt.NDArray[np.int64]:
    """How often each class was predicted over all domains, [classes]."""
    said: npt.NDArray[np.int64] = pooled(counts).sum(axis=0)
    return said


def correct(counts: Counts) -> npt.NDArray[np.int64]:
    """Rightly predicted images of each class over all domains, [classes]."""
    return np.diagonal(pooled(counts)).copy()


def measured_domains(counts: Counts) -> tuple[int, ...]:
    """Numbers of the domains that have images at all; the sealed one has none."""
    images = by_domain(counts).sum(axis=(1, 2))
    return tuple(int(number) for number in np.flatnonzero(images))
