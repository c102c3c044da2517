"""What may end a sitting, or a method's part in it, before all is trained."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from wbcray.cluster.breaker import Breaker, Trip
from wbcray.cluster.cell_attempts import end_open
from wbcray.cluster.disk_space import Watermark
from wbcray.cluster.ending import TaskEnding
from wbcray.cluster.failures import OUT_OF_MEMORY, first_line, is_out_of_memory
from wbcray.cluster.task import Task
from wbcray.core.errors import ResourceError, WbcrayError
from wbcray.store.cells import CellStore
from wbcray.store.place import Place, no_answer

STALL_SECONDS = 900.0
"""Without progress for so long, a worker is taken for hung."""
_LOOK_SECONDS = 5.0
"""Between two looks at the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a sitting is supervised by.

    Attributes:
        interrupted: Whether the person, or the machine's owner, wants the sitting to end.
        remark: Takes what the person at the terminal should know.
        stall_seconds: How long a worker may show no progress.
    """

    interrupted: Callable[[], bool] = lambda: False
    remark: Callable[[str], None] = lambda _: None
    stall_seconds: float = STALL_SECONDS


@final
class Supervisor:
    """Knows how one study or comparison of a sitting stands.

    Args:
        run: The run.
        terms: Of the sitting.
        needed: Bytes that trials which run at once may need.
    """

    def __init__(self, run: Place, terms: Terms, *, needed: int = 0) -> None:
        self.cells = CellStore(run)
        self.remark, self.stall_seconds = terms.remark, terms.stall_seconds
        self._interrupted = terms.interrupted
        self._breaker = Breaker(self.cells)
        self._started: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._watermark = Watermark(run, needed=needed)
        self._looked = -_LOOK_SECONDS
        self._low: WbcrayError | None = None
        self._error: WbcrayError | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Tune pickles whatever holds one into files that are never read."""
        return _nobody, ()

    @property
    def trips(self) -> tuple[Trip, ...]:
        """The methods that are not started any more."""
        return self._breaker.trips

    def over(self) -> bool:
        """Whether everything is to end now, running trials too."""
        return self._error is not None or self._interrupted()

    def may_start(self, method: str) -> bool:
        """Whether a trial of this method may be started."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked, self._low = now, self._watermark.too_low()
            if self._low is not None:
                self.remark(f"{self._low.what} at {self._low.where}: nothing new is started")
        return not self.over() and self._low is None and self.trip_of(method) is None

    def trip_of(self, method: str) -> Trip | None:
        """Why a method is not started any more."""
        return self._breaker.trip_of(method)

    def stop(self, error: WbcrayError) -> None:
        """End the sitting with this error."""
        self._error = self._error or error

    def raise_if_over(self) -> None:
        """How the sitting ended, when it ended early.

        Raises:
            WbcrayError: What stopped it; for a disk without room a ResourceError.
            KeyboardInterrupt: When somebody wanted it to end.
        """
        if self._error is not None:
            raise self._error
        if self._interrupted():
            raise KeyboardInterrupt
        if self._low is not None:
            raise self._low

    def started(self, task: Task) -> None:
        """A trial runs, or runs again."""
        self._started.add(task.label)
        self._breaker.begin(task)

    def has_started(self, task: Task) -> bool:
        """Whether the trial ever ran in this sitting."""
        return task.label in self._started

    def ended(self, task: Task, ending: TaskEnding | None) -> None:
        """A trial is over; `ending` is None where it did not say how."""
        with self._in_order(task):
            self._ended(task, ending)

    def _ended(self, task: Task, ending: TaskEnding | None) -> None:
        error = None if ending is None else ending.error
        if isinstance(error, ResourceError):
            self.stop(error)
        elif not self._look(task) and ending is not None and ending.state == "FAILED":
            # It failed before it took up a cell.
            self._count(task, ending.what)

    def crashed(self, task: Task, error: BaseException | None = None) -> str:
        """A trial's process failed, and Ray may start it again; the reason, in one line.

        Whoever does not know the `error` gets the newest reason that is known.
        """
        with self._in_order(task):
            self._reasons[task.label] = self._why(task, error) or self._reasons.get(task.label, "")
        return first_line(self._reasons.get(task.label, ""))

    def _why(self, task: Task, error: BaseException | None) -> str:
        if error is not None and is_out_of_memory(error):
            end_open(task, "FAILED", OUT_OF_MEMORY)
        else:
            kind = f" ({type(error).__name__})" if error is not None else ""
            end_open(task, "LOST", f"the worker's process is gone{kind}")
        reason = self._look(task)
        if not reason and error is not None:
            reason = f"{type(error).__name__}: {error}"
            self._count(task, reason)
        return reason

    def stalled(self, task: Task, seconds: float) -> bool:
        """A trial shows no progress: its attempt is given up. False if it has just been decided."""
        given_up = end_open(task, "LOST", f"no progress for {seconds:.0f} s")
        if given_up:
            self.remark(f"{task.label}: no progress for {seconds:.0f} s; it is started again")
            self._look(task)
        return given_up

    @contextmanager
    def _in_order(self, task: Task) -> Iterator[None]:
        """Where the run's files do not answer, the sitting ends in order and not within Ray."""
        try:
            yield
        except OSError as error:
            self.stop(no_answer(task.run, error))
        except WbcrayError as error:
            self.stop(error)

    def _look(self, task: Task) -> str:
        return self._told(lambda: self._breaker.look(task))

    def _count(self, task: Task, reason: str) -> None:
        def count() -> str:
            self._breaker.count(task.config.method.name, reason)
            return reason

        self._told(count)

    def _told(self, act: Callable[[], str]) -> str:
        known = len(self.trips)
        reason = act()
        for trip in self.trips[known:]:
            self.remark(str(trip))
        return reason


def _nobody() -> Supervisor:
    return Supervisor(Path(), Terms())
