"""Run a task on a worker and say how it went, in the words that Tune and our records share."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from wbcray.cluster.task import Task
from wbcray.core.errors import InfeasibleError, WbcrayError
from wbcray.store.cells import CellRecord, CellStore
from wbcray.training.objective import Objective
from wbcray.training.open_run import OpenRun, load_run
from wbcray.training.runtime import Runtime
from wbcray.training.trial import run_trial

VALUE = "value"
BUDGET = "budget"
STATE = "state"
"""Keys of a report: running objective, epochs spent, and in the last one how the trial ended."""

Report = Callable[[dict[str, Any]], None]


def run_task(
    task: Task, report: Report, make_runtime: Callable[[Report, Objective], Runtime]
) -> list[CellRecord]:
    """Run a task and say at the end how it went.

    A user's error is the configuration's or the data's fault and would come again, so it ends the
    trial with its text instead of making Ray start it anew; any other exception is raised.
    """
    objective = Objective(epochs=task.config.epochs)
    runtime = make_runtime(report, objective)
    records: list[CellRecord] = []
    try:
        run = opened(task.run)
        records = run_trial(
            task.config,
            run.data(task.held_out),
            CellStore(run.folder),
            runtime,
            folds=task.folds,
            seed=task.seed,
        )
        ending = {STATE: "COMPLETE", "values": list(objective.values), "error": ""}
    except WbcrayError as error:
        state = "INFEASIBLE" if isinstance(error, InfeasibleError) else "FAILED"
        ending = {STATE: state, "values": [], "error": str(error)}
    except torch.OutOfMemoryError as error:
        ending = {STATE: "INFEASIBLE", "values": [], "error": f"out of memory: {error}"}
    values = objective.values
    value = sum(values) / len(values) if values else 0.0
    report({VALUE: value, BUDGET: task.budget + 1, **ending})
    return records


@functools.lru_cache(maxsize=2)
def opened(run: str) -> OpenRun:
    """The run's catalog and pixels; kept, because a process serves many trials."""
    return load_run(Path(run))
