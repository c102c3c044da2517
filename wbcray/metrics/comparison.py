"""Is the difference between two methods real? Paired over folds, corrected for what they share.

Folds share most of their training images, so their scores are not independent and the usual
paired t-test finds too much: the variance of the mean of `k` differences is not `s**2 / k` but
`s**2 * (1/k + overlap)`, with `overlap = r / (1 - r)` for differences that correlate by `r`.

- On validation images, which differ from fold to fold, `r` is the tested share of the images and
  `overlap = n_test / n_train` (Nadeau & Bengio 2003, doi:10.1023/A:1024068626366).
- On the unseen domain every fold judges the same images. What is left between folds comes from
  training, and scores of two trainings that share a share of their images correlate by up to that
  share, (k - 2) / (k - 1) in k folds. This makes `s**2 * (k - 1)**2 / k`: the delete-one-group
  jackknife, which does not fall short (Efron & Stein 1981, doi:10.1214/aos/1176345462). The choice
  of those images adds a variance of its own, which no fold shows (`metrics.image_noise`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan, sqrt
from typing import final

import numpy as np
import numpy.typing as npt

from wbcray.metrics.image_noise import ImageNoise
from wbcray.metrics.student import half_width, two_sided

Floats = npt.NDArray[np.float64]

ALPHA = 0.05
FOLDS_FOR_INTERVAL = 2
FOLDS_FOR_VERDICT = 3
"""With two folds one degree of freedom is left: the interval is shown, but decides nothing."""

NO_SPREAD = 1e-12
"""Differences that agree this closely have no spread that a test could stand on."""


MOST_FREEDOM = 1e6
"""Of degrees of freedom; where images alone make the error, the distribution is normal."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """A mean difference over folds, positive when the method is above its reference.

    `low`, `high` (95 % unless asked otherwise) and `p` (two-sided, not adjusted) are NaN where
    the spread cannot be estimated; `mean` is NaN without a shared fold. `error` is the standard
    error of the mean and `freedom` its degrees of freedom.
    """

    folds: int
    mean: float
    low: float
    high: float
    p: float
    error: float = nan
    freedom: float = nan


def unseen_overlap(test_over_train: float) -> float:
    """The `overlap` of folds on images that all of them judge.

    Args:
        test_over_train: Validation over training images; 1/4 in five folds, which makes 3.
    """
    return max(0.0, 1 / test_over_train - 1) if test_over_train else inf


def paired_difference(
    values: Floats,
    reference: Floats,
    *,
    overlap: float,
    image_variance: float = 0.0,
    image_freedom: float = inf,
    confidence: float = 1 - ALPHA,
) -> PairedDifference:
    """The corrected paired comparison of two methods on the same folds.

    Args:
        values: Scores of the method, float64 [folds]; NaN for a fold that is missing.
        reference: Scores of the reference on the same folds.
        overlap: Of the folds' training images, see the top of the module: `n_test / n_train` on
            validation images, `unseen_overlap` of that on the unseen domain.
        image_variance: Of the difference over the choice of images that all folds share; joined to
            the folds' with the degrees of freedom of Welch and Satterthwaite.
        image_freedom: Degrees of freedom of `image_variance`; infinite for one that is known.
        confidence: Of the interval.

    Equal differences in all folds leave no spread: all zero is p = 1, anything else is undecided
    without an image variance, because on few images scores are coarse and agree by accident.
    """
    differences = values - reference
    differences = differences[~np.isnan(differences)]
    folds = len(differences)
    if not folds:
        return PairedDifference(folds=0, mean=nan, low=nan, high=nan, p=nan)
    mean = float(differences.mean())
    if folds < FOLDS_FOR_INTERVAL or isnan(overlap):
        return PairedDifference(folds=folds, mean=mean, low=nan, high=nan, p=nan)
    training = float(differences.var(ddof=1)) * (1 / folds + overlap)
    error = sqrt(training + image_variance)
    if error <= NO_SPREAD:
        same = abs(mean) <= NO_SPREAD
        low, p, error = (mean, 1.0, 0.0) if same else (nan, nan, nan)
        return PairedDifference(folds=folds, mean=mean, low=low, high=low, p=p, error=error)
    share, rest = training / error**2, image_variance / error**2
    uncertain = share**2 + rest**2 * (folds - 1) / image_freedom
    freedom = min(MOST_FREEDOM, (folds - 1) / uncertain) if uncertain else MOST_FREEDOM
    half = half_width(confidence, freedom) * error
    p = two_sided(mean / error, freedom)
    return PairedDifference(
        folds=folds,
        mean=mean,
        low=mean - half,
        high=mean + half,
        p=p,
        error=error,
        freedom=freedom,
    )


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
    overlap: float,
    image_noise: ImageNoise | None = None,
    decided: Mapping[frozenset[str], bool] | None = None,
) -> dict[str, int]:
    """The group of each method, from 1 (best), in order of the mean score.

    A group is the best of those left and all that are not separable from it (corrected test, Holm
    over those compared with it). A steady method may thus be separable from the best although a
    lower, unsteady one is not. Methods without any score are left out.

    Args:
        scores: Scores by method, float64 [folds]; NaN for a fold that is missing.
        overlap: As in `paired_difference`.
        image_noise: Of the images that all folds judge; None where each fold judges its own.
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
        compared = compare_with(
            leader,
            {name: scores[name] for name in ranking},
            overlap=overlap,
            image_noise=image_noise,
        )
        apart = frozenset(name for name, one in compared.items() if one.verdict == "worse")
        for pair, separable in (decided or {}).items():
            apart = apart | (pair - {leader}) if separable and leader in pair else apart
            apart = apart - pair if not separable and leader in pair else apart
        groups |= {name: group for name in ranking if name not in apart}
        ranking = [name for name in ranking if name in apart]
    return groups


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A method against the reference: the difference, p after Holm, and the verdict in words."""

    difference: PairedDifference
    p_holm: float
    verdict: str


def compare_with(
    reference: str,
    scores: Mapping[str, Floats],
    *,
    overlap: float,
    image_noise: ImageNoise | None = None,
) -> dict[str, Compared]:
    """Every other method against `reference`: what a leaderboard prints.

    Args:
        reference: Its name; where it has no scores nothing can be told.
        scores: As in `tie_groups`.
        overlap: As in `paired_difference`.
        image_noise: As in `tie_groups`.
    """
    shape = next((values.shape for values in scores.values()), (0,))
    against = scores.get(reference, np.full(shape, nan))
    noise = image_noise or ImageNoise()
    found = {
        name: paired_difference(
            values,
            against,
            overlap=overlap,
            image_variance=noise.of_difference(name, reference),
            image_freedom=noise.freedom(name, reference),
        )
        for name, values in scores.items()
        if name != reference
    }
    adjusted = holm([difference.p for difference in found.values()])
    return {
        name: Compared(difference=one, p_holm=p, verdict=verdict(one, p_adjusted=p))
        for (name, one), p in zip(found.items(), adjusted, strict=True)
    }
