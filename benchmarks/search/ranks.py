"""How well cheap values rank configurations: rank correlation with their full values, and price."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.search.compute import Range
from benchmarks.search.table import DEFAULTS, Row, load

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

DRAWS = 4000
SEED = 20_261_124


def options(parser: argparse.ArgumentParser) -> None:
    """What is compared."""
    parser.add_argument("full", type=Path, help="what `curves` wrote")
    parser.add_argument("--cheap", type=Path, nargs="*", default=[], help="`curves`, or of `cheap`")
    parser.add_argument("--rung", type=int, default=2, help="epochs of the first fold to beat")


def main(given: argparse.Namespace, folder: Path) -> None:
    """Print a line for every epoch of the first fold."""
    del folder
    full = {row.number: row for row in load([given.full]) if row.number != DEFAULTS}
    epoch = float(np.median([row.seconds / row.epochs for row in full.values()]))
    print(f"{len(full)} configurations; an epoch takes {epoch:.2f} s of processor")
    print(f"{'':28s}{'epochs':>7s}{'price':>8s}{'n':>5s}{'rho':>26s}{'less that of the rung':>28s}")
    for path in [given.full, *given.cheap]:
        cheap = {row.number: row for row in load([path])}
        numbers = [number for number in full if number in cheap]
        values = np.array([full[number].value for number in numbers])
        rung = first_fold([full[number] for number in numbers], given.rung)
        rows = [cheap[number] for number in numbers]
        for epochs in range(1, len(rows[0].folds[0].scores) + 1):
            found = first_fold(rows, epochs)
            price = np.median([row.folds[0].seconds[epochs - 1] for row in rows]) / epoch
            print(
                f"{path.stem:28s}{epochs:>7d}{price:>8.2f}{len(rows):>5d}"
                f"{spearman(found, values).show('.2f'):>26s}"
                f"{difference(found, rung, values).show('+.2f'):>28s}"
            )


def first_fold(rows: Sequence[Row], epochs: int) -> Floats:
    """The best score of each row's first fold within so many epochs: what a rung would see."""
    return np.array([max(row.folds[0].scores[:epochs]) for row in rows], dtype=np.float64)


def spearman(cheap: Floats, full: Floats) -> Range:
    """Rank correlation with the 95 % interval of a percentile bootstrap over configurations."""
    return _bootstrapped(lambda places: _rho(cheap[places], full[places]), len(full))


def difference(cheap: Floats, other: Floats, full: Floats) -> Range:
    """How much better `cheap` ranks than `other`, over the same configurations."""
    return _bootstrapped(
        lambda places: _rho(cheap[places], full[places]) - _rho(other[places], full[places]),
        len(full),
    )


def _bootstrapped(statistic: Callable[[Places], Floats], count: int) -> Range:
    draws = np.random.default_rng(SEED).integers(count, size=(DRAWS, count))
    low, high = np.nanquantile(statistic(draws), [0.025, 0.975])
    middle = statistic(np.arange(count)[None])[0]
    return Range(middle=float(middle), low=float(low), high=float(high))


def _rho(one: Floats, other: Floats) -> Floats:
    """Along the last axis; NaN where all values of a draw are equal."""
    a, b = (rankdata(values, axis=-1) - (values.shape[-1] + 1) / 2 for values in (one, other))
    length = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    with np.errstate(invalid="ignore"):
        return np.asarray((a * b).sum(axis=-1) / length, dtype=np.float64)
