"""The circuit breaker: a method that fails three times in the same way is not started any more.

It counts recorded attempts, so that what Ray starts again by itself counts, too. What was recorded
before a sitting does not: who starts anew may have mended the cause.
"""

from collections import Counter
from dataclasses import dataclass
from typing import final

from wbcray.cluster.failures import first_line, signature, tells_of_memory
from wbcray.cluster.task import Task
from wbcray.store.cell import CellKey
from wbcray.store.cells import CellStore

LIMIT = 3
"""Identical failures that stop a method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A method that was stopped; `reason` is one line."""

    method: str
    times: int
    reason: str

    def __str__(self) -> str:
        return (
            f"method '{self.method}' is not started again in this sitting: it failed {self.times} "
            f"times in the same way: {self.reason}; mend the cause and run the same command "
            "again, or leave the method out"
        )


@final
class Breaker:
    """Counts the failures of one study or comparison."""

    def __init__(self, cells: CellStore) -> None:
        self._cells = cells
        self._seen: dict[CellKey, set[int]] = {}
        self._failures: Counter[tuple[str, str]] = Counter()
        self._lost: Counter[CellKey] = Counter()
        self._trips: dict[str, Trip] = {}

    @property
    def trips(self) -> tuple[Trip, ...]:
        """The methods that were stopped, in the order of their stopping."""
        return tuple(self._trips.values())

    def trip_of(self, method: str) -> Trip | None:
        """Why a method is not started any more."""
        return self._trips.get(method)

    def begin(self, task: Task) -> None:
        """Leave out of account what was recorded before."""
        for key in task.cells:
            known = {attempt.number for attempt in self._cells.attempts(key)}
            self._seen.setdefault(key, known)

    def look(self, task: Task) -> str:
        """Count the attempts of a task that ended since; the newest reason, empty if there is none.

        INFEASIBLE is the configuration's fault, and so is memory that runs out: not counted.
        """
        method, newest = task.config.method.name, ""
        for key in task.cells:
            seen = self._seen.setdefault(key, set())
            for attempt in self._cells.attempts(key):
                if attempt.number in seen or attempt.state == "OPEN":
                    continue
                seen.add(attempt.number)
                if attempt.state in ("FAILED", "LOST"):
                    newest = attempt.reason
                if attempt.state == "FAILED" and not tells_of_memory(attempt.reason):
                    self.count(method, attempt.reason)
                elif attempt.state == "LOST":
                    self._lost[key] += 1
                    self._judge(method, self._lost[key], attempt.reason)
        return newest

    def count(self, method: str, reason: str) -> None:
        """Count a failure."""
        key = (method, signature("FAILED", reason))
        self._failures[key] += 1
        self._judge(method, self._failures[key], reason)

    def _judge(self, method: str, times: int, reason: str) -> None:
        if times >= LIMIT and method not in self._trips:
            self._trips[method] = Trip(method=method, times=times, reason=first_line(reason))
