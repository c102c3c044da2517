"""Simulated studies of methods that differ by luck, or by a known gain.

Each method has one feature an image, drawn anew from the same distribution, and the threshold
between the means of two classes. Folds share training images as in a run; the unseen domain is
shifted, and all folds judge the same images of it. An image may be hard for all methods: then
their features have a part in common. A method that is better by a gain has features that are
shifted less.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from wbcray.metrics.image_draws import drawn_tables
from wbcray.metrics.score_arrays import score_many

Floats = npt.NDArray[np.float64]
Answers = npt.NDArray[np.bool_]

SHIFT = 0.8


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A study's size.

    Attributes:
        training: Labelled images of the sources.
        unseen: Images of the unseen domain; 0 for so many that their choice makes no noise.
        seed_noise: Standard deviation of what a seed adds to the threshold.
        repeats: How often the sources are divided anew; 1 in every run of wbcray.
        likeness: Correlation of two methods' features of an image beyond its class.
        spread: Standard deviation of a feature within its class; classes are 1 apart.
        gain: By how much the others' expected accuracy on the unseen domain is above the
            reference's.
        rare: Every how many-th unseen image is of the second class.
        score: What the unseen domain is judged by, from `metrics.scores.SCORES`.
        patient: How many unseen images each patient has.
        patient_noise: Standard deviation of how much easier a patient's images are for a method: of
            what moves their features away from the other class.
    """

    methods: int = 2
    folds: int = 5
    seeds: int = 1
    training: int = 200
    unseen: int = 0
    seed_noise: float = 0.0
    repeats: int = 1
    likeness: float = 0.0
    spread: float = 1.5
    gain: float = 0.0
    rare: int = 2
    score: str = "micro_f1"
    patient: int = 1
    patient_noise: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Study:
    """What one study measured.

    Attributes:
        home: Accuracies on validation images, float64 [methods, cells].
        away: Scores on the unseen domain, float64 [methods, cells].
        said: Whether an unseen image was called the second class, bool [methods, cells, images].
        truth: Whether it is, bool [images].
    """

    home: Floats
    away: Floats
    said: Answers
    truth: Answers


def study(rng: np.random.Generator, setting: Setting) -> Study:
    """One study; seeds of a fold are averaged in `home` and `away` and cells of their own else."""
    truth = np.arange(setting.training) % 2
    features = truth + _noise(rng, setting, setting.training)
    orders = [rng.permutation(setting.training) for _ in range(setting.repeats)]
    places = np.stack([np.reshape(order, (setting.folds, -1)) for order in orders])
    labels, tested = truth[places], features[:, places]
    means = [_means_of_the_others(tested, labels == label) for label in (0, 1)]
    middle = (means[0] + means[1]) / 2
    noise = rng.normal(size=(*middle.shape, setting.seeds)) * setting.seed_noise
    threshold = middle[..., np.newaxis] + noise
    right = (tested[..., np.newaxis, :] > threshold[..., np.newaxis]) == labels[:, :, np.newaxis]
    home = right.mean(axis=(-2, -1)).reshape(setting.methods, -1)
    unseen_truth = np.arange(setting.unseen) % setting.rare == setting.rare - 1
    if not setting.unseen:
        away = _expected_accuracy(threshold, SHIFT, setting.spread).mean(axis=-1)
        said = np.zeros((setting.methods, 1, 0), dtype=bool)
    else:
        shifts = np.full((setting.methods, 1), _shift(setting))
        shifts[0] = SHIFT
        unseen = unseen_truth + shifts + _noise(rng, setting, setting.unseen)
        if setting.patient_noise:
            whose = np.arange(setting.unseen) // setting.patient
            own = rng.normal(size=(setting.methods, int(whose.max()) + 1))
            unseen += own[:, whose] * setting.patient_noise * np.where(unseen_truth, 1, -1)
        cells = threshold.reshape(setting.methods, -1, 1)
        said = unseen[:, np.newaxis] > cells
        away = _scores(said, unseen_truth, setting.score).reshape(*threshold.shape).mean(axis=-1)
    return Study(home=home, away=away.reshape(setting.methods, -1), said=said, truth=unseen_truth)


def _noise(rng: np.random.Generator, setting: Setting, images: int) -> Floats:
    """Of the features of images, [methods, images]."""
    noise: Floats = rng.normal(size=(setting.methods, images)) * setting.spread
    if not setting.likeness:
        return noise
    common = rng.normal(size=images) * setting.spread
    return np.asarray(sqrt(setting.likeness) * common + sqrt(1 - setting.likeness) * noise)


def _shift(setting: Setting) -> float:
    """Of a method that is better by the gain, its threshold where it is expected."""
    if not setting.gain:
        return SHIFT
    middle = np.array(0.5)
    wanted = float(_expected_accuracy(middle, SHIFT, setting.spread)) + setting.gain
    found = optimize.brentq(
        lambda shift: float(_expected_accuracy(middle, shift, setting.spread)) - wanted, 0, SHIFT
    )
    return float(found)


def _scores(said: Answers, truth: Answers, score: str) -> Floats:
    """The score of every cell, [methods, cells]."""
    if score == "micro_f1":
        return np.asarray((said == truth).mean(axis=-1))
    once = np.ones((len(truth), 1), dtype=np.int16)
    return np.array(
        [[drawn_scores(cell, truth, once, score)[0] for cell in method] for method in said]
    )


def drawn_scores(
    said: Answers, truth: Answers, weights: npt.NDArray[np.int16], score: str
) -> Floats:
    """A cell's score on drawn images, [draws]."""
    true, predicted = truth.astype(np.int64), said.astype(np.int64)
    return score_many(score, drawn_tables(true, predicted, weights, classes=2))


def _means_of_the_others(tested: Floats, mask: npt.NDArray[np.bool_]) -> Floats:
    """The mean of the images in `mask` in all folds but each, [methods, repeats, folds]."""
    sums, number = (tested * mask).sum(axis=-1), mask.sum(axis=-1)
    rest: Floats = sums.sum(axis=-1, keepdims=True) - sums
    return np.asarray(rest / (number.sum(axis=-1, keepdims=True) - number))


def _expected_accuracy(threshold: Floats, shift: float, spread: float) -> Floats:
    right = special.ndtr((1 + shift - threshold) / spread) + special.ndtr(
        (threshold - shift) / spread
    )
    return np.asarray(right / 2)
