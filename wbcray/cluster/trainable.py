"""The function Ray Tune runs: a task in the trial's own process, or spread over Train workers."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import torch
from ray import tune
from torch import nn

from wbcray.cluster.task import Task
from wbcray.core.errors import InfeasibleError, WbcrayError
from wbcray.core.result import EpochReport
from wbcray.store.cells import CellRecord, CellStore
from wbcray.training.objective import Objective
from wbcray.training.open_run import OpenRun, load_run
from wbcray.training.runtime import Runtime, Verdict, default_device
from wbcray.training.trial import run_trial

VALUE = "value"
BUDGET = "budget"
STATE = "state"
"""Keys of a report: running objective, epochs spent, and in the last one how the trial ended."""

Report = Callable[[dict[str, Any]], None]


def train_trial(config: dict[str, Any]) -> None:
    """Run `config["task"]` in this process and report every epoch."""
    task = Task.from_json(config["task"])
    torch.set_num_threads(task.threads)
    run_task(task, tune.report, TuneRuntime)


def train_trial_on_workers(config: dict[str, Any]) -> None:
    """Run `config["task"]` on several Train workers; this process only waits."""
    from ray.tune.integration.ray_train import TuneReportCallback

    from wbcray.cluster.workers import fit_on_workers

    task = Task.from_json(config["task"])
    name = tune.get_context().get_trial_id()
    fit_on_workers(task, name=name, callbacks=[TuneReportCallback()])


def run_task(
    task: Task, report: Report, make_runtime: Callable[[Report, Objective], Runtime]
) -> list[CellRecord]:
    """Run a task and say at the end how it went.

    A user's error is the configuration's or the data's fault and would come again, so it ends the
    trial with its text instead of making Ray start it anew; any other exception is raised.
    """
    objective = Objective(epochs=task.config.epochs)
    runtime = make_runtime(report, objective)
    run = opened(task.run)
    records: list[CellRecord] = []
    try:
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


@final
class TuneRuntime:
    """One worker inside a Tune trial; Tune ends the trial within `report`."""

    rank = 0
    world_size = 1

    def __init__(self, report: Report, objective: Objective) -> None:
        self.device = default_device()
        self._report = report
        self._objective = objective

    def wrap(self, learner: nn.Module) -> nn.Module:
        """The learner on the device."""
        return learner.to(self.device)

    def report(self, report: EpochReport) -> Verdict:
        """Tell Tune the running objective."""
        value = self._objective.after_epoch(report)
        self._report({VALUE: value, BUDGET: self._objective.budget, STATE: ""})
        return Verdict.GO_ON

    def fold_done(self, record: CellRecord) -> None:
        """Take the fold into the objective."""
        self._objective.after_fold(record.counts)
