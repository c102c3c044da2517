"""A search on curves that are known beforehand: whom it proposes, whom it stops, what it spends."""

import heapq
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.search.halving import Halving
from benchmarks.search.proposals import Told
from benchmarks.search.table import Report, Row, in_turn
from wbcray.core.hyper import Scalar


class Proposes(Protocol):
    """Who says what is trained next, and hears how it went."""

    def next(self) -> tuple[int, dict[str, Scalar]]:
        """The next trial's number and parameters."""
        ...

    def tell(self, number: int, told: Told) -> None:
        """A trial is over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a search spent, on all its trials, until something happened.

    Attributes:
        epochs: Over all folds of all trials.
        seconds: Of the processor.
        trials: Begun.
        value: The best objective of a complete trial.
        reached: Whether that is the target or better.
    """

    epochs: int
    seconds: float
    trials: int
    value: float
    reached: bool


@dataclass(slots=True, kw_only=True)
class _Slot:
    """A trial that runs."""

    number: int
    row: Row
    reports: list[Report]
    done: int = 0


def search(  # noqa: PLR0913  # what a search is
    proposer: Proposes,
    trained: Callable[[int, dict[str, Scalar]], Row],
    halving: Halving | None,
    *,
    target: float,
    slots: int = 1,
    most_epochs: float,
    uncounted: Collection[int] = (),
    seen: Callable[[Row], list[Report]] = in_turn,
) -> Spent:
    """Run a search until a complete trial has the target, or the epochs run out.

    Args:
        proposer: Who proposes.
        trained: How a trial would go if it were trained in full.
        halving: Who stops trials; None stops none.
        target: The objective to reach.
        slots: Trials at once; epochs take equally long in all of them.
        most_epochs: Where to give up.
        uncounted: Numbers of trials whose value does not count, though others learn from it.
        seen: How a row's folds become reports.
    """
    running: list[tuple[int, int, _Slot]] = []
    epochs, seconds, trials, value = 0, 0.0, 0, -np.inf
    clock, order = 0, 0
    while value < target and epochs < most_epochs:
        while len(running) < slots:
            number, params = proposer.next()
            row = trained(number, params)
            slot = _Slot(number=number, row=row, reports=seen(row))
            trials, order = trials + 1, order + 1
            heapq.heappush(running, (clock + 1, order, slot))
        clock, place, slot = heapq.heappop(running)
        report = slot.reports[slot.done]
        before = slot.reports[slot.done - 1].seconds if slot.done else 0.0
        epochs, seconds, slot.done = epochs + 1, seconds + report.seconds - before, slot.done + 1
        stopped = halving is not None and not halving.goes_on(slot.number, report)
        whole = slot.done == len(slot.reports) and not stopped
        if not stopped and not whole:
            heapq.heappush(running, (clock + 1, place, slot))
            continue
        heard = slot.reports[: slot.done]
        told = Told(params=slot.row.params, reports=heard, value=slot.row.value if whole else None)
        proposer.tell(slot.number, told)
        if whole:
            seconds += slot.row.seconds - report.seconds
            if slot.row.value > value and slot.number not in uncounted:
                value = slot.row.value
    return Spent(
        epochs=epochs,
        seconds=seconds,
        trials=trials,
        value=value,
        reached=value >= target,
    )
