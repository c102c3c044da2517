"""Scores of many confusion tables at once, for resampling; equal to `scores.SCORES`, one by one."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from wbcray.core.result import Counts
from wbcray.metrics.scores import SCORES

Floats = npt.NDArray[np.float64]


def score_many(name: str, counts: Counts) -> Floats:
    """The score `name` of every table, float64 [tables].

    Args:
        name: Of a score in `SCORES`.
        counts: int64 [tables, domain, true, predicted].
    """
    fast = _FAST.get(name)
    if fast is not None:
        return fast(counts)
    compute = SCORES[name].compute
    return np.array([compute(table) for table in counts], dtype=np.float64)


def class_f1(counts: Counts) -> Floats:
    """F1 of each class over all domains, float64 [tables, classes]; NaN for an absent class."""
    hits, truth, said = _margins(counts.sum(axis=1))
    return _ratio(2 * hits, truth + said)


def _margins(pooled: Counts) -> tuple[Counts, Counts, Counts]:
    hits = np.diagonal(pooled, axis1=-2, axis2=-1)
    return hits, pooled.sum(axis=-1), pooled.sum(axis=-2)


def _micro(counts: Counts) -> Floats:
    hits, truth, _ = _margins(counts.sum(axis=1))
    return _ratio(hits.sum(axis=-1), truth.sum(axis=-1))


def _macro(pooled: Counts) -> Floats:
    """Over the classes that occur; of any leading axes."""
    hits, truth, said = _margins(pooled)
    return _known_mean(np.where(truth > 0, _ratio(2 * hits, truth + said), np.nan))


def _macro_declared(counts: Counts) -> Floats:
    mean = np.nan_to_num(class_f1(counts)).mean(axis=-1)
    return np.where(counts.any(axis=(1, 2, 3)), mean, np.nan)


def _macro_union(counts: Counts) -> Floats:
    return _known_mean(class_f1(counts))


def _recalls(counts: Counts) -> Floats:
    hits, truth, _ = _margins(counts.sum(axis=1))
    return _ratio(hits, truth)


def _balanced(counts: Counts) -> Floats:
    return _known_mean(_recalls(counts))


def _known_mean(values: Floats) -> Floats:
    """The mean of each row over what is known; NaN where nothing is."""
    known = (~np.isnan(values)).sum(axis=-1)
    mean: Floats = np.nansum(values, axis=-1) / np.where(known > 0, known, np.nan)
    return mean


def _least(values: Floats) -> Floats:
    """The smallest of each row that is known; NaN where none is."""
    least = np.nan_to_num(values, nan=np.inf).min(axis=-1)
    return np.where(np.isinf(least), np.nan, least)


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> Floats:
    result = np.full(part.shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


_FAST: dict[str, Callable[[Counts], Floats]] = {
    "micro_f1": _micro,
    "macro_f1": lambda counts: _macro(counts.sum(axis=1)),
    "macro_f1_declared": _macro_declared,
    "macro_f1_union": _macro_union,
    "balanced_accuracy": _balanced,
    "worst_domain": lambda counts: _least(_macro(counts)),
    "worst_class_recall": lambda counts: _least(_recalls(counts)),
}
