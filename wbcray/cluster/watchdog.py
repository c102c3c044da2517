"""The Tune callback that notices crashed, hung and waiting trials."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, final

import psutil
import ray
from ray import tune
from ray.tune.experiment import Trial

from wbcray.cluster.supervisor import Supervisor
from wbcray.cluster.task import Task
from wbcray.store.attempts import node_name
from wbcray.store.cells import CellStore

LOOK_SECONDS = 1.0
"""Between two looks, at the least."""
_LOOKS = 60
"""So often a worker's files are looked at before it is taken for hung: they may lie on a shared
file system, and there are some for every fold of every trial."""
WAITING_SECONDS = 120.0
"""Without any running trial for so long, the person is told what is waited for."""
_START = 4
"""A worker that has not begun yet may be decoding images: so many times as patient with it."""


@dataclass(slots=True)
class _Progress:
    """What a trial's progress was, and since when on this process's clock."""

    counter: tuple[int, ...]
    since: float


@final
class Watchdog(tune.Callback):  # type: ignore[misc]  # Ray is untyped
    """Tells the supervisor of crashes, ends hung workers, and explains why nothing runs.

    Args:
        supervisor: Who decides what is started.
        clock: Seconds that only go forward, whatever the machine's time is set to.
        kill: Ends the process of a trial; Ray then starts the trial again.
    """

    def __init__(
        self,
        supervisor: Supervisor | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        kill: Callable[[Any, list[int]], None] | None = None,
    ) -> None:
        self._supervisor, self._clock = supervisor, clock
        self._kill = kill or end_process
        self._progress: dict[str, _Progress] = {}
        self._looked = self._ran = self._read = clock()
        self._explained = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Tune pickles its callbacks into files that are never read."""
        return Watchdog, (None,)

    def on_trial_start(self, *, trial: Any, **info: Any) -> None:
        """A trial got its place, for the first time or again."""
        del info
        self._progress.pop(trial.trial_id, None)
        if self._supervisor is not None:
            self._supervisor.started(_task(trial))

    def on_trial_recover(self, *, trial: Any, **info: Any) -> None:
        """A trial's process failed, and Ray is about to start it again."""
        del info
        self._progress.pop(trial.trial_id, None)
        if self._supervisor is not None:
            self._supervisor.crashed(_task(trial), _error_of(trial))

    def on_trial_error(self, *, trial: Any, **info: Any) -> None:
        """A trial's process failed for the last time; the searcher has told the supervisor."""
        del info
        self._progress.pop(trial.trial_id, None)

    def on_step_end(self, *, trials: list[Any], **info: Any) -> None:
        """Look around now and then."""
        del info
        now = self._clock()
        if self._supervisor is None or now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        running = [trial for trial in trials if trial.status == Trial.RUNNING]
        if now - self._read >= self._supervisor.stall_seconds / _LOOKS:
            self._read = now
            for trial in running:
                self._look_at(trial, self._supervisor, now)
        if running or not any(trial.status == Trial.PENDING for trial in trials):
            self._ran = now
        elif now - self._ran > WAITING_SECONDS and not self._explained:
            self._explained = True
            waiting = next(trial for trial in trials if trial.status == Trial.PENDING)
            self._supervisor.remark(waiting_for(waiting.placement_group_factory))

    def _look_at(self, trial: Any, supervisor: Supervisor, now: float) -> None:
        """Whether a trial has moved; nobody is hung while the run's files do not answer."""
        try:
            self._judge(trial, supervisor, now)
        except OSError:
            self._progress.pop(trial.trial_id, None)

    def _judge(self, trial: Any, supervisor: Supervisor, now: float) -> None:
        task = _task(trial)
        counter, begun = _counter(supervisor.cells, task)
        # A report counts, too: recorded folds are replayed without any training.
        counter += (int((trial.last_result or {}).get("training_iteration", 0)),)
        before = self._progress.get(trial.trial_id)
        if before is None or before.counter != counter:
            self._progress[trial.trial_id] = _Progress(counter, now)
            return
        still = now - before.since
        if still < supervisor.stall_seconds * (1 if begun else _START):
            return
        pids = _processes(supervisor.cells, task)
        if supervisor.stalled(task, still) or not begun:
            self._kill(trial.temporary_state.ray_actor, pids)
        self._progress.pop(trial.trial_id, None)


def end_process(actor: Any, pids: list[int]) -> None:
    """End a trial's process by way of Ray, and by the system where it is ours on this machine.

    A stopped process does not hear Ray.
    """
    if actor is not None:
        with suppress(Exception):  # it may be gone already, which is what is wanted
            ray.kill(actor, no_restart=True)
    for pid in pids:
        with suppress(psutil.Error, OSError):
            # The number may belong to another by now; Ray calls its workers `ray::...`.
            if any(word.startswith("ray::") for word in psutil.Process(pid).cmdline()):
                os.kill(pid, signal.SIGKILL)


def waiting_for(wanted: Any) -> str:
    """What a trial waits for, and what there is."""
    free, there = ray.available_resources(), ray.cluster_resources()
    needs = [
        f"{amount:g} {name}"
        for name, amount in wanted.required_resources.items()
        if name in ("CPU", "GPU")
    ]
    has = [f"{free.get(name, 0.0):g} of {there.get(name, 0.0):g} {name}" for name in ("CPU", "GPU")]
    return (
        f"waiting for resources: a trial needs {', '.join(needs) or 'the head node'}, Ray has "
        f"{', '.join(has)} free; training goes on when there are enough"
    )


def _counter(cells: CellStore, task: Task) -> tuple[tuple[int, ...], bool]:
    """What moves while a task is trained, and whether an attempt at it is open."""
    counter: list[int] = []
    begun = False
    for key in task.cells:
        beats = cells.beats(key)
        begun = begun or beats is not None
        counter += [cells.taken_up(key), -1 if beats is None else beats]
    return tuple(counter), begun


def _processes(cells: CellStore, task: Task) -> list[int]:
    """Processes of this machine that have an open attempt at the task in hand."""
    workers = [cells.worker(key) for key in task.cells if cells.beats(key) is not None]
    return [worker[0] for worker in workers if worker and worker[1] == node_name()]


def _error_of(trial: Any) -> BaseException | None:
    try:
        error: BaseException | None = trial.get_pickled_error()
    except Exception:  # noqa: BLE001  # an error that cannot be read is an unknown one
        return None
    return error


def _task(trial: Any) -> Task:
    return Task.from_json(trial.config["task"])
