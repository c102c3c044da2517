"""What a search maximises: a score of validation counts, averaged over folds; nothing else is read.

Its only inputs are `EpochReport` and the counts of `CellRecord`, and neither holds anything of the
held-out domain.
"""

from typing import final

import numpy as np

from wbcray.core.errors import unknown_name
from wbcray.core.result import Counts, EpochReport
from wbcray.metrics.scores import SCORES, Score
from wbcray.search.space import DEFAULT_OBJECTIVE

PREFIX = "val/"

OBJECTIVES: dict[str, Score] = {
    PREFIX + name: SCORES[name]
    for name in ("macro_f1", "micro_f1", "balanced_accuracy", "worst_domain", "worst_class_recall")
}
"""What may be maximised. The other conventions of macro F1 are left out: they move with classes
that a fold's validation images do not hold, so folds of one trial would not compare."""


@final
class Objective:
    """The running value of one trial, and the budget it has spent.

    Args:
        epochs: Planned epochs of each fold. A fold that stops early jumps to the next multiple, so
            that equal budgets mean equal positions in every trial.
        name: One of `OBJECTIVES`.

    Raises:
        UsageError: For another name.
    """

    def __init__(self, *, epochs: int, name: str = DEFAULT_OBJECTIVE) -> None:
        if name not in OBJECTIVES:
            raise unknown_name("objective", name, OBJECTIVES)
        self._score = OBJECTIVES[name].compute
        self._epochs = epochs
        self._finished: list[float] = []
        self._best_of_fold = -np.inf
        self.budget = 0

    def after_epoch(self, report: EpochReport) -> float:
        """Mean over finished folds and the best epoch so far of the present one."""
        self._best_of_fold = max(self._best_of_fold, _finite(self._score(report.counts)))
        self.budget = len(self._finished) * self._epochs + report.epoch + 1
        return float(np.mean([*self._finished, self._best_of_fold]))

    def after_fold(self, counts: Counts) -> None:
        """Take the fold's final validation counts in place of its best epoch."""
        self._finished.append(_finite(self._score(counts)))
        self._best_of_fold = -np.inf

    @property
    def values(self) -> tuple[float, ...]:
        """The score of every finished fold, on its validation images."""
        return tuple(self._finished)


def _finite(score: float) -> float:
    """A score that cannot be measured is worth nothing, rather than poisoning a mean."""
    return 0.0 if np.isnan(score) else float(score)
