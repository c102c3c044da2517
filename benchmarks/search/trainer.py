"""Train configurations of a project in this process, without records and without Ray."""

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import torch
from torch import nn

from benchmarks.search.table import FoldCurve, Report, Row
from wbcray.core.hyper import Scalar
from wbcray.core.result import EpochReport
from wbcray.search.space import SearchSpace, default_params
from wbcray.store.cell import CellRecord
from wbcray.training.fold import train_fold
from wbcray.training.objective import OBJECTIVES, Objective
from wbcray.training.runtime import Verdict
from wbcray.training.settings import Settings
from wbcray.training.trial_data import TrialData

GoOn = Callable[[Report], bool]
"""Told of every epoch of a trial; whether the trial is to go on."""


@final
class ListeningRuntime:
    """One process, and somebody who hears the score of every epoch.

    Args:
        heard: Given an epoch's report and the processor seconds since the runtime was made; whether
            the training is to go on.
    """

    rank = 0
    world_size = 1

    def __init__(self, heard: Callable[[EpochReport, float], bool]) -> None:
        self.device = torch.device("cpu")
        self._heard = heard
        self._began = time.process_time()

    @property
    def seconds(self) -> float:
        """Processor seconds since it was made."""
        return time.process_time() - self._began

    def wrap(self, learner: nn.Module) -> nn.Module:
        """The learner as it is."""
        return learner

    def report(self, report: EpochReport) -> Verdict:
        """Pass it on."""
        return Verdict.GO_ON if self._heard(report, self.seconds) else Verdict.STOP

    def fold_done(self, record: CellRecord) -> None:
        """There are no records."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """One method on one held-out domain: what a study of it would train."""

    method: str
    data: TrialData
    settings: Settings
    space: SearchSpace

    @property
    def budget(self) -> int:
        """Epochs of a whole trial."""
        return self.settings.epochs * self.settings.folds

    def defaults(self) -> dict[str, Scalar]:
        """The configuration of trial 0, as `StudyPlan.first` has it."""
        return default_params(self.space, self.settings.config(self.method, {}).flat())

    def trial(
        self, number: int, params: Mapping[str, Scalar], *, seed: int = 0, go_on: GoOn
    ) -> Row:
        """Train all folds in turn.

        Raises:
            StoppedEarly: When `go_on` said so.
            InfeasibleError: When the configuration cannot be trained.
        """
        config = self.settings.config(self.method, params)
        objective = Objective(epochs=self.settings.epochs, name=self.space.objective)
        score = OBJECTIVES[self.space.objective].compute
        spent = 0.0
        curves: list[FoldCurve] = []
        for fold in self.data.split.folds:
            scores: list[float] = []
            seconds: list[float] = []

            def heard(report: EpochReport, since: float) -> bool:
                scores.append(float(np.nan_to_num(score(report.counts))))  # noqa: B023  # used within the round
                seconds.append(since)  # noqa: B023
                value = objective.after_epoch(report)
                return go_on(Report(epochs=objective.budget, value=value, seconds=spent + since))  # noqa: B023

            runtime = ListeningRuntime(heard)
            result, _ = train_fold(config, self.data, fold, seed=seed, runtime=runtime)
            objective.after_fold(result.counts)
            end = runtime.seconds
            spent += end
            value = objective.values[-1]
            curves.append(
                FoldCurve(scores=tuple(scores), seconds=tuple(seconds), value=value, end=end)
            )
        return Row(number=number, params=dict(params), folds=tuple(curves))


def trainer_options(parser: argparse.ArgumentParser) -> None:
    """What `open_trainer` asks for."""
    parser.add_argument("--project", type=Path, default=Path("wbcray.yaml"))
    parser.add_argument("--method", default="erm")
    parser.add_argument("--held-out", required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--folds", type=int, default=3)


def open_trainer(given: argparse.Namespace) -> Trainer:
    """The trainer of a `wbcray.yaml`; its run folder holds splits and no cells."""
    from wbcray.cluster.spaces import load_space
    from wbcray.core.project import load_project
    from wbcray.training.open_run import open_run
    from wbcray.training.settings import settings_of

    torch.set_num_threads(1)
    project = load_project(given.project)
    settings = settings_of(project, epochs=given.epochs, folds=given.folds)
    run = open_run(project, f"search-{given.folds}x{given.epochs}", settings)
    return Trainer(
        method=given.method,
        data=run.data(given.held_out),
        settings=settings,
        space=load_space(given.method, None),
    )
