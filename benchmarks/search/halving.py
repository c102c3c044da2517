"""Asynchronous successive halving as studies use it, on any rungs; and what it hears of."""

from collections.abc import Sequence
from typing import final

import numpy as np

from benchmarks.search.table import Report


def rungs_of(*, grace: int, reduction: int, budget: int) -> tuple[int, ...]:
    """Epochs at which Ray's ASHA looks, for a trial of `budget` epochs."""
    rungs = [grace]
    while rungs[-1] * reduction <= budget:
        rungs.append(rungs[-1] * reduction)
    return tuple(rungs)


@final
class Halving:
    """Stops a trial whose value at a rung is below a quantile of those that came there before.

    The rule of `cluster.pruning.RecordedASHA` (Li et al. 2020, as Ray has it), without Ray and with
    rungs anywhere.

    Args:
        rungs: Epochs, ascending.
        reduction: One in so many goes on.
        least: Trials that pass a rung unjudged, the first ones there.
        spared: Numbers of trials that are never stopped, though they fill the rungs.
    """

    def __init__(
        self,
        rungs: Sequence[int],
        *,
        reduction: float,
        least: int = 1,
        spared: Sequence[int] = (0,),
    ) -> None:
        self._rungs = tuple(rungs)
        self._quantile = 1 - 1 / reduction
        self._least = least
        self._spared = frozenset(spared)
        self._values: dict[int, dict[int, float]] = {at: {} for at in rungs}

    def goes_on(self, number: int, report: Report) -> bool:
        """Whether trial `number` goes on after `report`."""
        for at in reversed(self._rungs):
            recorded = self._values[at]
            if report.epochs < at or number in recorded:
                continue
            enough = len(recorded) >= self._least
            cutoff = np.quantile(list(recorded.values()), self._quantile) if enough else -np.inf
            recorded[number] = report.value
            return bool(report.value >= cutoff) or number in self._spared
        return True
