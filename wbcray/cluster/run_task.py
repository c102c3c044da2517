"""Run a task on a worker and say how it went, in the words that Tune and our records share."""

import functools
from collections.abc import Callable
from typing import Any

from wbcray.cluster.cell_attempts import end_open, refuse_infeasible
from wbcray.cluster.disk_space import full_disk
from wbcray.cluster.ending import TaskEnding
from wbcray.cluster.failures import is_full_disk, is_out_of_memory
from wbcray.cluster.task import Task
from wbcray.core.errors import InfeasibleError, WbcrayError
from wbcray.store.cell import CellRecord
from wbcray.store.cells import CellStore
from wbcray.store.place import place_of
from wbcray.training.determinism import deterministic
from wbcray.training.objective import Objective
from wbcray.training.open_run import OpenRun, load_run
from wbcray.training.runtime import Runtime
from wbcray.training.trial import run_trial

Report = Callable[[dict[str, Any]], None]


def run_task(
    task: Task, report: Report, make_runtime: Callable[[Report, Objective], Runtime]
) -> list[CellRecord]:
    """Run a task and say at the end how it went.

    A user's error is the configuration's or the data's fault and would come again, so it ends the
    trial with its text instead of making Ray start it anew; any other exception is raised.
    """
    if task.deterministic:  # before anything touches a GPU
        deterministic(task.threads)
    objective = Objective(epochs=task.config.epochs, name=task.objective)
    runtime = make_runtime(report, objective)
    records: list[CellRecord] = []
    try:
        refuse_infeasible(task, write=runtime.rank == 0)
        records = _train(task, runtime)
        ending = TaskEnding(values=objective.values, budget=task.budget + 1)
    except Exception as error:
        # Anything else is raised, and Ray starts the trial again in a new process.
        failed = _ending(error, task, runtime, objective)
        if failed is None:
            raise
        ending = failed
    report(ending.as_metrics())
    return records


def _train(task: Task, runtime: Runtime) -> list[CellRecord]:
    run = opened(task.run)
    return run_trial(
        task.config,
        run.data(task.held_out),
        CellStore(run.folder),
        runtime,
        folds=task.folds,
        seed=task.seed,
    )


def _ending(
    error: Exception, task: Task, runtime: Runtime, objective: Objective
) -> TaskEnding | None:
    """How an error ends the trial for good; None where it is worth another try."""
    said = _final(error) or _out_of_memory(error, task, runtime)
    if said is None:
        return None
    return TaskEnding.failed(said, values=objective.values, budget=task.budget + 1)


def _final(error: Exception) -> WbcrayError | None:
    """What is said of an error that would come again; None for any other."""
    if is_full_disk(error):
        where = error.where if isinstance(error, WbcrayError) else str(error)
        return full_disk(where or "a disk")
    return error if isinstance(error, WbcrayError) else None


def _out_of_memory(error: Exception, task: Task, runtime: Runtime) -> InfeasibleError | None:
    """After memory ran out: None the first time in a cell, the second time what ends the trial."""
    if not is_out_of_memory(error):
        return None
    # Of several workers, any may be the one; the first alone has the attempt in hand.
    end_open(task, "FAILED", f"{type(error).__name__}: {error}")
    try:
        refuse_infeasible(task, write=runtime.rank == 0)
    except InfeasibleError as refused:
        return refused
    return None


@functools.lru_cache(maxsize=2)
def opened(run: str) -> OpenRun:
    """The run's catalog and pixels; kept, because a process serves many trials."""
    return load_run(place_of(run))
