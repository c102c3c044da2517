"""How often is one of several equally good methods called better or worse, and a better one found?

    python -m benchmarks.verdicts [STUDIES]

The studies are those of `benchmarks.verdict_studies`. The printed verdict is that of
`metrics.comparison.compare_with`, after Holm, where the images of two methods count as independent
and where they are drawn together; beside it the paired t-test that takes folds as independent, and
the corrected test as it is right for validation images.
"""

import sys
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.verdict_studies import Floats, Setting, Study, drawn_scores, study
from wbcray.metrics.comparison import ALPHA, compare_with, unseen_overlap
from wbcray.metrics.image_draws import image_weights
from wbcray.metrics.image_noise import ImageNoise

REFERENCE = "0"


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
        one = study(rng, setting)
        home, away = one.home, one.away
        if shuffled:
            home, away = rng.permuted(home, axis=0), rng.permuted(away, axis=0)
        found[number] = (
            _called(home, ratio, None),
            _called(away, unseen_overlap(ratio), _independent(away, setting)),
            _called(home, 0.0, None),
            _called(away, 0.0, None),
            _called(away, ratio, None),
        )
    return Errors(
        **dict(zip(Errors.__dataclass_fields__, found.mean(axis=0).tolist(), strict=True))
    )


def called(setting: Setting, *, studies: int, seed: int = 0) -> tuple[float, float]:
    """How often a verdict fell on the unseen domain: images independent, and drawn together."""
    rng = np.random.default_rng(seed)
    overlap = unseen_overlap(1 / (setting.folds - 1))
    found = np.zeros((studies, 2))
    for number in range(studies):
        one = study(rng, setting)
        noises = (_independent(one.away, setting), _paired(one, setting))
        found[number] = [_called(one.away, overlap, noise) for noise in noises]
    return float(found[:, 0].mean()), float(found[:, 1].mean())


def _independent(away: Floats, setting: Setting) -> ImageNoise | None:
    """The binomial noise of accuracies, as two draws with that standard deviation."""
    if not setting.unseen:
        return None
    share = away.mean(axis=1)
    noise = np.sqrt(share * (1 - share) / setting.unseen / 2)
    return ImageNoise(
        deviations={str(n): np.array([one, -one]) for n, one in enumerate(noise.tolist())}
    )


def _paired(one: Study, setting: Setting) -> ImageNoise | None:
    if not setting.unseen:
        return None
    units = np.arange(setting.unseen) // setting.patient
    weights = image_weights(units)
    draws = {
        str(number): np.mean(
            [drawn_scores(cell, one.truth, weights, setting.score) for cell in cells], axis=0
        )
        for number, cells in enumerate(one.said)
    }
    return ImageNoise(deviations=draws, aligned=frozenset(draws), units=int(units.max()) + 1)


def _called(scores: Floats, overlap: float, noise: ImageNoise | None) -> bool:
    named = {str(number): values for number, values in enumerate(scores)}
    found = compare_with(REFERENCE, named, overlap=overlap, image_noise=noise)
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

ALIKE = Setting(unseen=100, likeness=0.5)
PAIRED = {
    "2 methods, 100 images, likeness 0.5": ALIKE,
    "2 methods, 100 images, likeness 0.9": replace(ALIKE, likeness=0.9),
    "2 methods, 100 images, likeness 0.98": replace(ALIKE, likeness=0.98),
    "2 methods, 300 images, likeness 0.5": replace(ALIKE, unseen=300),
    "2 methods, 1,000 images, likeness 0.9": replace(ALIKE, unseen=1000, likeness=0.9),
    "5 methods, 100 images, likeness 0.5": replace(ALIKE, methods=5),
    "2 methods, 3 folds, 100 images, likeness 0.9": replace(
        ALIKE, folds=3, training=120, likeness=0.9
    ),
    "2 methods, 10 folds, 100 images, likeness 0.9": replace(
        ALIKE, folds=10, training=400, likeness=0.9
    ),
    "trained on 10,000, 100 images, likeness 0": replace(ALIKE, training=10_000, likeness=0.0),
    "trained on 10,000, 100 images, likeness 0.9": replace(ALIKE, training=10_000, likeness=0.9),
    "trained on 10,000, 40 images, likeness 0.9": replace(
        ALIKE, training=10_000, unseen=40, likeness=0.9
    ),
    "macro F1, 100 images, 10 of one class": replace(ALIKE, rare=10, score="macro_f1"),
    "macro F1, 100 images, 5 of one class": replace(ALIKE, rare=20, score="macro_f1"),
    "macro F1, trained on 10,000, 5 of one class": replace(
        ALIKE, rare=20, score="macro_f1", training=10_000
    ),
    "worst class, 100 images, 10 of one class": replace(ALIKE, rare=10, score="worst_class_recall"),
    "30 patients of 10 images, trained on 10,000": replace(
        ALIKE, unseen=300, patient=10, patient_noise=1.0, training=10_000
    ),
    "10 patients of 10 images, trained on 10,000": replace(
        ALIKE, patient=10, patient_noise=1.0, training=10_000
    ),
}

GAINS = (0.03, 0.05, 0.1)
SIZES = (100, 300, 1000)
POWER = {
    "likeness 0.5": Setting(spread=0.5, likeness=0.5),
    "likeness 0.9": Setting(spread=0.5, likeness=0.9),
    "likeness 0.9, 3 folds": Setting(spread=0.5, likeness=0.9, folds=3, training=120),
    "likeness 0.9, trained on 2,000": Setting(spread=0.5, likeness=0.9, training=2000),
}


def main() -> None:
    """Print one line a setting."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"{studies} studies each; shares called different although they are equal")
    print("setting | validation | naive | unseen | naive | corrected as for validation")
    for name, setting in SETTINGS.items():
        for shuffled in (False, True) if name == "5 methods, 5 folds" else (False,):
            found = errors(setting, studies=studies, shuffled=shuffled)
            away: tuple[float, ...] = (
                found.unseen,
                found.unseen_naive,
                found.unseen_as_validation,
            )
            away = () if setting.repeats > 1 else away  # no run repeats its folds
            label = f"{name}, labels shuffled" if shuffled else name
            _print(label, found.validation, found.validation_naive, *away)
    print("equal methods that judge the same images | independent | drawn together")
    for name, setting in PAIRED.items():
        _print(name, *called(setting, studies=studies))
    print("better by | setting, images | independent | drawn together")
    for name, setting in POWER.items():
        for images in SIZES:
            for gain in (0.0, *GAINS):
                found_both = called(replace(setting, unseen=images, gain=gain), studies=studies)
                _print(f"{gain} | {name}, {images} images", *found_both)


def _print(label: str, *shares: float) -> None:
    print(label, *(f"{100 * value:.1f} %" for value in shares), sep=" | ", flush=True)


if __name__ == "__main__":
    main()
