"""What a search maximises: validation macro F1, averaged over folds; it can read nothing else.

Its only inputs are `EpochReport` and the counts of `CellRecord`, and neither holds anything of the
held-out domain.
"""

from typing import final

import numpy as np

from wbcray.core.result import Counts, EpochReport
from wbcray.metrics.scores import macro_f1


@final
class Objective:
    """The running value of one trial, and the budget it has spent.

    Args:
        epochs: Planned epochs of each fold. A fold that stops early jumps to the next multiple, so
            that equal budgets mean equal positions in every trial.
    """

    def __init__(self, *, epochs: int) -> None:
        self._epochs = epochs
        self._finished: list[float] = []
        self._best_of_fold = -np.inf
        self.budget = 0

    def after_epoch(self, report: EpochReport) -> float:
        """Mean over finished folds and the best epoch so far of the present one."""
        self._best_of_fold = max(self._best_of_fold, _finite(macro_f1(report.counts)))
        self.budget = len(self._finished) * self._epochs + report.epoch + 1
        return float(np.mean([*self._finished, self._best_of_fold]))

    def after_fold(self, counts: Counts) -> None:
        """Take the fold's final validation counts in place of its best epoch."""
        self._finished.append(_finite(macro_f1(counts)))
        self._best_of_fold = -np.inf

    @property
    def values(self) -> tuple[float, ...]:
        """Validation macro F1 of every finished fold."""
        return tuple(self._finished)


def _finite(score: float) -> float:
    """A score that cannot be measured is worth nothing, rather than poisoning a mean."""
    return 0.0 if np.isnan(score) else float(score)
