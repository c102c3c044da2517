"""Resampling: what a score would have been on other images, other folds, other domains.

Seeded, so that the same counts always give the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np
import numpy.typing as npt

from wbcray.core.result import Counts
from wbcray.metrics.intervals import Interval
from wbcray.metrics.score_arrays import score_many
from wbcray.metrics.scores import SCORES

Floats = npt.NDArray[np.float64]

REPLICATES = 400
"""Of images: the standard deviation of so many is known to 4 %."""
DOMAIN_REPLICATES = 4000
DOMAINS_FOR_INTERVAL = 2
SEED = 20_200_712


def resampled(counts: Counts, *, images: int, replicates: int = REPLICATES) -> Counts:
    """Tables of images drawn with replacement, int64 [replicates, domain, true, predicted].

    Args:
        counts: int64 [domain, true, predicted], which may count an image several times; only its
            shares matter.
        images: How many different images a table has.
        replicates: How many tables.
    """
    places = np.flatnonzero(counts)
    drawn = np.zeros((replicates, counts.size), dtype=np.int64)
    if images and places.size:
        filled = counts.reshape(-1)[places].astype(np.int64)
        drawn[:, places] = _drawn(filled.tobytes(), images, replicates)
    return drawn.reshape(replicates, *counts.shape)


@lru_cache(maxsize=256)
def _drawn(filled: bytes, images: int, replicates: int) -> npt.NDArray[np.int32]:
    """Draws of the places that are not empty; remembered, because they serve every score."""
    counts = np.frombuffer(filled, dtype=np.int64)
    draws = np.random.default_rng(SEED).multinomial(images, counts / counts.sum(), size=replicates)
    return draws.astype(np.int32)


def image_deviations(
    counts: Counts, score: str, *, images: int, replicates: int = REPLICATES
) -> Floats:
    """The score on resampled images minus its mean over them, float64 [replicates].

    NaN where it cannot be measured. Arguments as for `resampled`; `score` is a name in `SCORES`.
    """
    judged = counts[counts.any(axis=(1, 2))]  # no score asks for a domain without images
    if SCORES[score].pools_domains:
        judged = judged.sum(axis=0, keepdims=True)  # fewer numbers to draw
    return _deviations(judged.tobytes(), judged.shape, score, images, replicates)


@lru_cache(maxsize=4096)
def _deviations(
    counts: bytes, shape: tuple[int, ...], score: str, images: int, replicates: int
) -> Floats:
    """Remembered, because every change of a filter asks for the same tables again."""
    tables = np.frombuffer(counts, dtype=np.int64).reshape(shape)
    values = score_many(score, resampled(tables, images=images, replicates=replicates))
    known = values[~np.isnan(values)]
    deviations = values - known.mean() if known.size else values
    deviations.flags.writeable = False
    return deviations


def image_noise(counts: Counts, score: str, *, images: int) -> float:
    """Standard deviation of a score over the choice of the `images` it is measured on.

    Test-set noise: it does not shrink with more folds or seeds, as they judge the same images.
    """
    deviations = image_deviations(counts, score, images=images)
    known = deviations[~np.isnan(deviations)]
    return float(known.std(ddof=1)) if known.size > 1 else float("nan")


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DomainDifferences:
    """What is known about a difference on one held-out domain.

    Attributes:
        folds: Paired differences, float64 [folds], without NaN.
        overlap: Of the folds' training images, as `comparison.paired_difference` takes it.
        images: Deviations of the difference over the choice of images, float64 [draws]; empty
            where that is not known.
    """

    folds: Floats
    overlap: float
    images: Floats


def across_domains_interval(
    domains: Sequence[DomainDifferences],
    *,
    confidence: float = 0.95,
    replicates: int = DOMAIN_REPLICATES,
) -> Interval:
    """The interval of a mean difference over domains, each counting once: hierarchical bootstrap.

    Domains are drawn with replacement, then the folds of each, then its images. A domain's fold
    mean departs from its value by as much as the corrected variance `s**2 (1/k + overlap)` asks
    for, as overlapping folds drawn like independent ones would vary too little. With few domains
    the interval is too short still: three domains have ten samples.

    NaN for fewer than two domains.
    """
    if len(domains) < DOMAINS_FOR_INTERVAL:
        return Interval(float("nan"), float("nan"))
    rng = np.random.default_rng(SEED)
    slots = len(domains)
    values = np.stack([_domain_draws(one, rng, (replicates, slots)) for one in domains])
    chosen = rng.integers(0, slots, size=(replicates, slots))
    means = np.take_along_axis(values, chosen[np.newaxis], axis=0)[0].mean(axis=1)
    return _percentiles(means, (1 - confidence) / 2)


def _domain_draws(
    domain: DomainDifferences, rng: np.random.Generator, shape: tuple[int, int]
) -> Floats:
    folds = domain.folds
    count = len(folds)
    mean = folds.mean()
    drawn: Floats = folds[rng.integers(0, count, size=(*shape, count))].mean(axis=-1)
    if count > 1:
        # drawn means vary by (k - 1) / k**2 of the sample variance
        drawn = mean + (drawn - mean) * np.sqrt(
            (1 / count + domain.overlap) * count**2 / (count - 1)
        )
    if domain.images.size:
        drawn = drawn + rng.choice(domain.images, size=shape)
    return drawn


def _percentiles(values: Floats, tail: float) -> Interval:
    known = values[~np.isnan(values)]
    if known.size < max(1, values.size // 2):
        return Interval(float("nan"), float("nan"))
    low, high = np.quantile(known, (tail, 1 - tail))
    return Interval(float(low), float(high))
