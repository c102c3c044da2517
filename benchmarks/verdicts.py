"""How often is one of several equally good methods called better or worse?

    python -m benchmarks.verdicts [STUDIES]

Each study trains methods that differ by nothing but luck: one feature each, drawn anew from the
same distribution, and the threshold between the means of two classes. Folds share training images
as in a run; the unseen domain is shifted, and all folds judge the same images of it. The printed
verdict is that of `metrics.comparison.compare_with`, after Holm; beside it the paired t-test that
takes folds as independent, and the corrected test as it is right for validation images.
"""

import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from wbcray.metrics.comparison import ALPHA, compare_with, unseen_overlap

Floats = npt.NDArray[np.float64]

NOISE = 1.5
SHIFT = 0.8
REFERENCE = "0"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A study's size.

    Attributes:
        training: Labelled images of the sources.
        unseen: Images of the unseen domain; 0 for so many that their choice makes no noise.
        seed_noise: Standard deviation of what a seed adds to the threshold.
        repeats: How often the sources are divided anew; 1 in every run of wbcray.
    """

    methods: int = 2
    folds: int = 5
    seeds: int = 1
    training: int = 200
    unseen: int = 0
    seed_noise: float = 0.0
    repeats: int = 1


def study(rng: np.random.Generator, setting: Setting) -> tuple[Floats, Floats]:
    """Accuracies of one study on validation and unseen images, [methods, repeats * folds]."""
    truth = np.arange(setting.training) % 2
    features = truth + rng.normal(size=(setting.methods, setting.training)) * NOISE
    orders = [rng.permutation(setting.training) for _ in range(setting.repeats)]
    places = np.stack([np.reshape(order, (setting.folds, -1)) for order in orders])
    labels, tested = truth[places], features[:, places]
    middle = sum(_means_of_the_others(tested, labels == label) for label in (0, 1)) / 2
    noise = rng.normal(size=(*middle.shape, setting.seeds)) * setting.seed_noise
    threshold = middle[..., np.newaxis] + noise
    right = (tested[..., np.newaxis, :] > threshold[..., np.newaxis]) == labels[:, :, np.newaxis]
    if not setting.unseen:
        away = _expected_accuracy(threshold)
    else:
        unseen_truth = np.arange(setting.unseen) % 2
        unseen = rng.normal(size=(setting.methods, 1, 1, 1, setting.unseen)) * NOISE
        unseen += unseen_truth + SHIFT
        away = ((unseen > threshold[..., np.newaxis]) == unseen_truth).mean(axis=-1)
    home = right.mean(axis=-1)
    flat = (setting.methods, -1)
    return home.mean(axis=-1).reshape(flat), away.mean(axis=-1).reshape(flat)


def _means_of_the_others(tested: Floats, mask: npt.NDArray[np.bool_]) -> Floats:
    """The mean of the images in `mask` in all folds but each, [methods, repeats, folds]."""
    sums, number = (tested * mask).sum(axis=-1), mask.sum(axis=-1)
    rest: Floats = sums.sum(axis=-1, keepdims=True) - sums
    return rest / (number.sum(axis=-1, keepdims=True) - number)


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Shares of studies in which any method was called better or worse than the reference."""

    validation: float
    unseen: float
    validation_naive: float
    unseen_naive: float
    unseen_as_validation: float


def errors(setting: Setting, *, studies: int, seed: int = 0, shuffled: bool = False) -> Errors:
    """The error rates of `studies` studies; `shuffled` deals the scores of a fold to any method."""
    rng = np.random.default_rng(seed)
    ratio = 1 / (setting.folds - 1)
    found = np.zeros((studies, 5))
    for number in range(studies):
        home, away = study(rng, setting)
        if shuffled:
            home, away = rng.permuted(home, axis=0), rng.permuted(away, axis=0)
        share = away.mean(axis=1)
        noise = np.sqrt(share * (1 - share) / setting.unseen) if setting.unseen else 0 * share
        found[number] = (
            _called(home, ratio, 0 * share),
            _called(away, unseen_overlap(ratio), noise),
            _called(home, 0.0, 0 * share),
            _called(away, 0.0, 0 * share),
            _called(away, ratio, 0 * share),
        )
    return Errors(
        **dict(zip(Errors.__dataclass_fields__, found.mean(axis=0).tolist(), strict=True))
    )


def _expected_accuracy(threshold: Floats) -> Floats:
    right = special.ndtr((1 + SHIFT - threshold) / NOISE) + special.ndtr(
        (threshold - SHIFT) / NOISE
    )
    return np.asarray(right / 2)


def _called(scores: Floats, overlap: float, noise: Floats) -> bool:
    named = {str(number): values for number, values in enumerate(scores)}
    image_noise = {str(number): float(value) for number, value in enumerate(noise)}
    found = compare_with(REFERENCE, named, overlap=overlap, image_noise=image_noise)
    return any(one.p_holm < ALPHA and one.verdict in {"better", "worse"} for one in found.values())


SETTINGS = {
    "2 methods, 5 folds": Setting(),
    "2 methods, 3 folds": Setting(folds=3, training=120),
    "2 methods, 10 folds": Setting(folds=10, training=400),
    "2 methods, 5 folds, seeds differ": Setting(seed_noise=0.1),
    "2 methods, 5 folds, 3 seeds averaged": Setting(seed_noise=0.1, seeds=3),
    "5 methods, 5 folds": Setting(methods=5),
    "8 methods, 5 folds, 3 seeds averaged": Setting(methods=8, seed_noise=0.1, seeds=3),
    "2 methods, 5 folds, 100 unseen images": Setting(unseen=100),
    "2 methods, 5 folds, 1,000 unseen images": Setting(unseen=1000),
    "5 methods, 5 folds, 100 unseen images": Setting(methods=5, unseen=100),
    "2 methods, 10 x 5 folds": Setting(training=60, repeats=10),
}


def main() -> None:
    """Print one line a setting."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"{studies} studies each; shares called different although they are equal")
    print("setting | validation | naive | unseen | naive | corrected as for validation")
    for name, setting in SETTINGS.items():
        for shuffled in (False, True) if name == "5 methods, 5 folds" else (False,):
            found = errors(setting, studies=studies, shuffled=shuffled)
            away = (found.unseen, found.unseen_naive, found.unseen_as_validation)
            numbers = (found.validation, found.validation_naive, *away)
            numbers = numbers[:2] if setting.repeats > 1 else numbers  # no run repeats its folds
            label = f"{name}, labels shuffled" if shuffled else name
            print(label, *(f"{100 * value:.1f} %" for value in numbers), sep=" | ", flush=True)


if __name__ == "__main__":
    main()
