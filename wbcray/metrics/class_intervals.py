"""How far a class's F1 and a mean cost would move if other images had been judged: bootstraps."""

import numpy as np
import numpy.typing as npt

from wbcray.metrics.intervals import Interval

Floats = npt.NDArray[np.float64]

DRAWS = 600


def f1_intervals(
    table: Floats, *, confidence: float = 0.95, draws: int = DRAWS, seed: int = 0
) -> tuple[Interval, ...]:
    """The percentile interval of each class's F1 when the judged images are drawn anew.

    Args:
        table: float64 [true, predicted], images; means over repeated trainings may be fractions,
            and are drawn as shares of the whole number of images.
        confidence: Of each interval by itself; nothing is adjusted for the number of classes.
        draws: Resampled tables.
        seed: Of the draws; the same table and seed give the same interval.

    Drawing all images from the table's shares makes those that concern a class (in truth or answer)
    a binomial number, and the right ones among them another, so no table has to be drawn. NaN for a
    class that neither occurs nor is predicted.
    """
    images = round(float(table.sum()))
    hits = np.diagonal(table)
    involved = table.sum(axis=0) + table.sum(axis=1) - hits
    whole = max(float(table.sum()), 1e-12)
    right = np.divide(hits, involved, out=np.zeros(len(table)), where=involved > 0)
    rng = np.random.default_rng(seed)
    size = (draws, len(table))
    drawn = rng.binomial(images, np.clip(involved / whole, 0, 1), size)
    correct = rng.binomial(drawn, np.clip(right, 0, 1))
    f1 = np.divide(2 * correct, drawn + correct, out=np.full(size, np.nan), where=drawn > 0)
    # all at once where every draw has the class, as 25 methods wait for this
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    whole = np.quantile(f1, tails, axis=0)
    unknown = np.isnan(whole[0])
    return tuple(
        _percentiles(f1[:, place], confidence) if unknown[place] else Interval(low, high)
        for place, (low, high) in enumerate(whole.T.tolist())
    )


def mean_cost_interval(
    table: Floats,
    costs: Floats,
    *,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """The percentile interval of the mean over classes of their mean cost per image.

    Args:
        table: float64 [true, predicted], images, as in `f1_intervals`; rows without images do not
            count.
        costs: float64 [true, predicted], what one image costs; 0 on the diagonal.
        confidence: Of the interval.
        draws: Resampled tables.
        seed: Of the draws.

    Images are drawn within their true class, so every draw has the same images of each class.
    """
    rng = np.random.default_rng(seed)
    total = np.zeros(draws)
    rows = [number for number in range(len(table)) if table[number].sum() > 0]
    for number in rows:
        levels, place = np.unique(costs[number], return_inverse=True)
        shares = np.bincount(place, weights=table[number], minlength=len(levels))
        images = max(1, round(float(shares.sum())))
        drawn = rng.multinomial(images, shares / shares.sum(), draws)
        total += drawn @ levels / images
    return _percentiles(total / len(rows) if rows else total * np.nan, confidence)


def _percentiles(values: Floats, confidence: float) -> Interval:
    known = values[~np.isnan(values)]
    if not known.size:
        return Interval(float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))
