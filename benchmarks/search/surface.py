"""New configurations from recorded ones: curves that follow one hyper-parameter, and noise."""

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.proposals import place, value_at
from benchmarks.search.table import FoldCurve, Row
from wbcray.core.hyper import Scalar
from wbcray.search.space import SearchSpace

Floats = NDArray[np.float64]

WIDTH = 0.1
"""Of the kernel, as a share of the searched range."""


@final
class Surface:
    """Draws what a configuration might have scored, epoch by epoch, from curves of real ones.

    The mean curve is a local linear regression on one hyper-parameter, which has to decide nearly
    all. To it comes the noise of real rows: two rows' residuals (each left out of its own mean),
    chosen near by and mixed by a random angle, so that their covariance over folds and epochs
    stays. What other hyper-parameters do is noise here, which nobody can learn.

    Args:
        space: Where the hyper-parameter has its range.
        rows: Trained in full.
        name: The hyper-parameter.
    """

    def __init__(self, space: SearchSpace, rows: Sequence[Row], *, name: str) -> None:
        self._dimension = next(item for item in space.dimensions if item.name == name)
        self._places = np.array([self._place(row.params) for row in rows])
        self._scores = np.array([np.ravel([fold.scores for fold in row.folds]) for row in rows])
        self._folds = len(rows[0].folds)
        self._epoch_seconds = float(np.median([row.seconds / row.epochs for row in rows]))
        smoother = np.array([self._weights(where) for where in self._places])
        kept = 1 - np.diag(smoother)
        left_out = (self._scores - smoother @ self._scores) / kept[:, None]
        self._noise: Floats = left_out - left_out.mean(axis=0)

    @property
    def noise(self) -> Floats:
        """Residuals, float64 [row, fold x epoch]."""
        return self._noise

    def value_at(self, share: float) -> Scalar:
        """The hyper-parameter at a share of its range."""
        return value_at(self._dimension, share)

    def mean(self, params: Mapping[str, Scalar]) -> Floats:
        """The mean scores of a configuration, float64 [fold x epoch]."""
        return np.asarray(self._weights(self._place(params)) @ self._scores)

    def draw(self, number: int, params: Mapping[str, Scalar], chance: np.random.Generator) -> Row:
        """A configuration as it might have gone."""
        near = self._kernel(self._place(params))
        one, other = chance.choice(len(near), size=2, p=near / near.sum())
        angle = chance.uniform(0, 2 * np.pi)
        noise = np.cos(angle) * self._noise[one] + np.sin(angle) * self._noise[other]
        scores = np.clip(self.mean(params) + noise, 0, 1).reshape(self._folds, -1)
        epochs = scores.shape[1]
        seconds = tuple(self._epoch_seconds * (done + 1) for done in range(epochs))
        folds = tuple(
            FoldCurve(
                scores=tuple(fold.tolist()),
                seconds=seconds,
                value=float(fold.max()),
                end=seconds[-1],
            )
            for fold in scores
        )
        return Row(number=number, params=dict(params), folds=folds)

    def _place(self, params: Mapping[str, Scalar]) -> float:
        return place(self._dimension, params[self._dimension.name])

    def _kernel(self, where: float) -> Floats:
        kernel: Floats = np.exp(-0.5 * ((self._places - where) / WIDTH) ** 2)
        return kernel

    def _weights(self, where: float) -> Floats:
        """What every row counts in the local line's value at `where`; they add up to 1."""
        kernel = self._kernel(where)
        line = np.stack([np.ones_like(self._places), self._places - where], axis=1)
        weighted = line * kernel[:, None]
        solved = np.linalg.solve(line.T @ weighted, weighted.T)
        return np.asarray(solved[0], dtype=np.float64)
