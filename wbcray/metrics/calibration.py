"""Whether probabilities mean what they say: temperature, calibration errors, reliability.

All in float64; `probabilities` are [images, classes] with rows that sum to 1, `labels` class ids.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

BINS = 15
"""Of equal width between 0 and 1, as in Guo et al. (2017)."""
COLDEST, HOTTEST = 0.5, 20.0
"""A few validation images that are all right would else make every probability 1."""
_SMALLEST = float(np.finfo(np.float32).tiny)
_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reliability:
    """Images sorted into bins by the probability of the predicted class; bins may be empty.

    Attributes:
        lower: [bins], a bin holds probabilities above this,
        upper: [bins], up to and including this.
        images: int64 [bins], how many fell into each.
        confidence: [bins], their mean probability; NaN in an empty bin.
        accuracy: [bins], the share that was right; NaN in an empty bin.
    """

    lower: Floats
    upper: Floats
    images: Ids
    confidence: Floats
    accuracy: Floats

    @property
    def error(self) -> float:
        """Mean gap between confidence and accuracy, weighted by images; NaN without any."""
        filled = self.images > 0
        gaps = np.abs(self.confidence[filled] - self.accuracy[filled])
        total = self.images.sum()
        return float(self.images[filled] @ gaps / total) if total else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskCoverage:
    """What is wrong among the images that are answered, the surest first.

    Attributes:
        coverage: [images], share of images that are answered, ascending to 1.
        risk: [images], share of wrong answers among them.
    """

    coverage: Floats
    risk: Floats

    @property
    def area(self) -> float:
        """Mean risk over all coverages (AURC, Geifman et al. 2019); NaN without images."""
        return float(self.risk.mean()) if len(self.risk) else float("nan")


def fit_temperature(probabilities: npt.ArrayLike, labels: Ids) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017, section 4.2).

    That is convex in its inverse, so halving an interval finds it. Between `COLDEST` and
    `HOTTEST`, where it is put if every answer is right or all are worse than chance; 1 without
    images.
    """
    logits = _logs(probabilities)
    if not len(logits):
        return 1.0
    own = logits[np.arange(len(labels)), labels]
    low, high = np.log(1 / HOTTEST), np.log(1 / COLDEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        # the slope of the loss: what the logits are expected to be, less what they are
        slope = float((_softmax(logits * np.exp(middle)) * logits).sum(1).mean() - own.mean())
        low, high = (middle, high) if slope < 0 else (low, middle)
    return float(np.exp(-(low + high) / 2))


def at_temperature(probabilities: npt.ArrayLike, temperature: float) -> Floats:
    """Probabilities whose logits are divided by `temperature`; the order of classes stays."""
    return _softmax(_logs(probabilities) / temperature)


def negative_log_likelihood(probabilities: npt.ArrayLike, labels: Ids) -> float:
    """Mean over images, in nats; NaN without any."""
    logs = _logs(probabilities)
    return float(-logs[np.arange(len(labels)), labels].mean()) if len(logs) else float("nan")


def brier(probabilities: npt.ArrayLike, labels: Ids) -> float:
    """Mean over images of the squared distance to the true class, 0 to 2 (Brier 1950)."""
    given = np.asarray(probabilities, dtype=np.float64)
    if not len(given):
        return float("nan")
    return float(((given - _one_hot(labels, given.shape[1])) ** 2).sum(1).mean())


def reliability(probabilities: npt.ArrayLike, labels: Ids, *, bins: int = BINS) -> Reliability:
    """Of the predicted classes; `error` is the expected calibration error (Guo et al. 2017)."""
    given = np.asarray(probabilities, dtype=np.float64)
    confidence = given.max(1, initial=0.0)
    right = given.argmax(1) == labels if len(given) else np.empty(0, dtype=bool)
    return _binned(confidence, right, bins)


def classwise_error(probabilities: npt.ArrayLike, labels: Ids, *, bins: int = BINS) -> Floats:
    """[classes]: calibration error of each class's own probability (Kull et al. 2019).

    Their class-wise ECE is the mean. A rare class has few images in most bins: read it with them.
    """
    given = np.asarray(probabilities, dtype=np.float64)
    truth = _one_hot(labels, given.shape[1])
    errors = [_binned(p, t, bins).error for p, t in zip(given.T, truth.T, strict=True)]
    return np.array(errors)


def risk_coverage(confidence: npt.ArrayLike, right: npt.NDArray[np.bool_]) -> RiskCoverage:
    """The curve over all images (El-Yaniv and Wiener 2010).

    Images of one confidence come in no order: each counts as wrong as they are on average.
    """
    sure = np.asarray(confidence, dtype=np.float64)
    _, level, sizes = np.unique(-sure, return_inverse=True, return_counts=True)
    level = level.reshape(-1)
    wrong = np.bincount(level, weights=~right, minlength=len(sizes)) / np.maximum(sizes, 1)
    number = np.arange(1, len(sure) + 1)
    return RiskCoverage(
        coverage=number / max(1, len(sure)), risk=np.cumsum(np.repeat(wrong, sizes)) / number
    )


def _binned(confidence: Floats, right: npt.NDArray[np.generic], bins: int) -> Reliability:
    # a probability on an edge belongs to the bin below it
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    images = np.bincount(place, minlength=bins).astype(np.int64)
    filled = np.where(images > 0, images, np.nan)
    edges = np.arange(bins + 1) / bins
    return Reliability(
        lower=edges[:-1],
        upper=edges[1:],
        images=images,
        confidence=np.bincount(place, weights=confidence, minlength=bins) / filled,
        accuracy=np.bincount(place, weights=right.astype(np.float64), minlength=bins) / filled,
    )


def _one_hot(labels: Ids, classes: int) -> Floats:
    return np.eye(classes)[labels]


def _logs(probabilities: npt.ArrayLike) -> Floats:
    """Logits up to a constant; a probability that float32 calls 0 is the smallest it knows."""
    given = np.asarray(probabilities, dtype=np.float64)
    return np.log(np.maximum(given, _SMALLEST))


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(1, keepdims=True))
    shares: Floats = raised / raised.sum(1, keepdims=True)
    return shares
