"""Run a task on a worker and say how it went, in the words that Tune and our records share."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from wbcray.cluster.cell_attempts import end_open, refuse_infeasible
from wbcray.cluster.failures import is_full_disk, is_out_of_memory
from wbcray.cluster.task import Task
from wbcray.core.errors import InfeasibleError, ResourceError, WbcrayError
from wbcray.store.cell import CellRecord
from wbcray.store.cells import CellStore
from wbcray.store.place import place_of
from wbcray.training.determinism import deterministic
from wbcray.training.objective import Objective
from wbcray.training.open_run import OpenRun, load_run
from wbcray.training.runtime import Runtime
from wbcray.training.trial import run_trial

VALUE = "value"
BUDGET = "budget"
STATE = "state"
"""Keys of a report: running objective, epochs spent, and in the last one how the trial ended."""
FULL = "full"
"""Key of a last report: where a disk was full; empty where none was."""
REFUSED = "refused"
"""Key of a last report: what, where and fix of what the machine refused; empty where nothing."""

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
        ending = _ended("COMPLETE", values=objective.values)
    except Exception as error:
        # Anything else is raised, and Ray starts the trial again in a new process.
        failed = _ending(error) or _ending_without_memory(error, task, runtime)
        if failed is None:
            raise
        ending = failed
    values = objective.values
    value = sum(values) / len(values) if values else 0.0
    report({VALUE: value, BUDGET: task.budget + 1, **ending})
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


def _ended(
    state: str,
    *,
    values: Sequence[float] = (),
    error: str = "",
    full: str = "",
    refused: Sequence[str] = (),
) -> dict[str, Any]:
    said = {STATE: state, "values": list(values), "error": error}
    return said | {FULL: full, REFUSED: list(refused)}


def _ending(error: Exception) -> dict[str, Any] | None:
    """How an error ends the trial for good; None where it is worth another try."""
    if is_full_disk(error):
        where = error.where if isinstance(error, WbcrayError) else str(error)
        return _ended("FAILED", error=str(error), full=where or "a disk")
    if isinstance(error, ResourceError):
        # Neither the configuration's fault nor the data's: the trial is to be taken up again.
        return _ended("FAILED", error=str(error), refused=(error.what, error.where, error.fix))
    if isinstance(error, WbcrayError):
        state = "INFEASIBLE" if isinstance(error, InfeasibleError) else "FAILED"
        return _ended(state, error=str(error))
    return None


def _ending_without_memory(error: Exception, task: Task, runtime: Runtime) -> dict[str, Any] | None:
    """After memory ran out: None the first time in a cell, the second time INFEASIBLE."""
    if not is_out_of_memory(error):
        return None
    # Of several workers, any may be the one; the first alone has the attempt in hand.
    end_open(task, "FAILED", f"{type(error).__name__}: {error}")
    try:
        refuse_infeasible(task, write=runtime.rank == 0)
    except InfeasibleError as refused:
        return _ending(refused)
    return None


@functools.lru_cache(maxsize=2)
def opened(run: str) -> OpenRun:
    """The run's catalog and pixels; kept, because a process serves many trials."""
    return load_run(place_of(run))
