"""The functions Ray Tune runs: a task in the trial's own process, or spread over Train workers."""

from typing import Any, final

import torch
from ray import tune
from torch import nn

from wbcray.cluster.ending import BUDGET, STATE, VALUE
from wbcray.cluster.run_task import Report, run_task
from wbcray.cluster.task import Task
from wbcray.core.result import EpochReport
from wbcray.store.cell import CellRecord
from wbcray.training.objective import Objective
from wbcray.training.runtime import Verdict, default_device


def train_trial(config: dict[str, Any]) -> None:
    """Run `config["task"]` in this process and report every epoch."""
    task = Task.from_json(config["task"])
    torch.set_num_threads(task.threads)
    run_task(task, tune.report, TuneRuntime)


def train_trial_on_workers(config: dict[str, Any]) -> None:
    """Run `config["task"]` on several Train workers; this process only waits."""
    # here, because a plain trial would import Ray Train for nothing
    from ray.tune.integration.ray_train import TuneReportCallback

    from wbcray.cluster.workers import fit_on_workers

    task = Task.from_json(config["task"])
    name = tune.get_context().get_trial_id()
    fit_on_workers(task, name=name, callbacks=[TuneReportCallback()])


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
