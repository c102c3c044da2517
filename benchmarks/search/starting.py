"""The first fold of a trial from weights that were trained before."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import final

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.search.table import FoldCurve
from benchmarks.search.trainer import Trainer
from wbcray.core.hyper import Scalar
from wbcray.core.result import EpochReport
from wbcray.store.cell import CellRecord
from wbcray.training.fold import StoppedEarly, train_fold
from wbcray.training.learner import Learner
from wbcray.training.objective import OBJECTIVES
from wbcray.training.runtime import Verdict

Weights = Mapping[str, Tensor]


@final
class StartingRuntime:
    """One process; its network starts from given weights and is stopped after so many epochs.

    Args:
        start: Weights of the backbone, and of the head if they hold one; None changes nothing.
        objective: Name of the score of an epoch.
        most: Epochs.

    Attributes:
        scores: After each epoch.
        seconds: Processor seconds from the beginning to each report.
        weights: After the last epoch.
    """

    rank = 0
    world_size = 1

    def __init__(self, start: Weights | None, *, objective: str, most: int) -> None:
        self.device = torch.device("cpu")
        self.scores: list[float] = []
        self.seconds: list[float] = []
        self.weights: dict[str, Tensor] = {}
        self._start, self._most = start, most
        self._score = OBJECTIVES[objective].compute
        self._network: nn.Module = nn.Identity()
        self._began = process_time()

    def wrap(self, learner: nn.Module) -> nn.Module:
        """The learner as it is, started."""
        if isinstance(learner, Learner):
            self._network = learner.network
        if self._start is not None:
            self._network.load_state_dict(dict(self._start), strict=False)
        return learner

    def report(self, report: EpochReport) -> Verdict:
        """Keep it, and the weights after the last epoch."""
        self.scores.append(float(np.nan_to_num(self._score(report.counts))))
        self.seconds.append(process_time() - self._began)
        if len(self.scores) < self._most:
            return Verdict.GO_ON
        state = self._network.state_dict()
        self.weights = {name: value.detach().clone() for name, value in state.items()}
        return Verdict.STOP

    def fold_done(self, record: CellRecord) -> None:
        """There are no records."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A first fold that was trained for some epochs: its scores, and its weights after them."""

    curve: FoldCurve
    weights: Weights


def begin(
    trainer: Trainer, params: Mapping[str, Scalar], *, start: Weights | None, most: int
) -> Begun:
    """Train the first fold as the trainer's plan has it, for its first `most` epochs.

    Raises:
        InfeasibleError: When the configuration cannot be trained.
    """
    config = trainer.settings.config(trainer.method, params)
    runtime = StartingRuntime(start, objective=trainer.space.objective, most=most)
    with suppress(StoppedEarly):
        train_fold(config, trainer.data, trainer.data.split.folds[0], seed=0, runtime=runtime)
    return Begun(curve=curve_of(runtime.scores, runtime.seconds), weights=runtime.weights)


def curve_of(scores: list[float], seconds: list[float]) -> FoldCurve:
    """The curve of a fold that nobody judged after its last epoch."""
    return FoldCurve(
        scores=tuple(scores), seconds=tuple(seconds), value=max(scores), end=seconds[-1]
    )


def other_weights(project: Path, held_out: str, *, method: str, epochs: int) -> Weights:
    """The backbone of the defaults after `epochs` epochs of the first of 3 folds of a project."""
    from wbcray.cluster.spaces import load_space
    from wbcray.core.project import load_project
    from wbcray.training.open_run import open_run
    from wbcray.training.settings import settings_of

    found = load_project(project)
    settings = settings_of(found, epochs=epochs, folds=3)
    run = open_run(found, f"start-3x{epochs}", settings)
    space = load_space(method, None)
    trainer = Trainer(method=method, data=run.data(held_out), settings=settings, space=space)
    weights = begin(trainer, trainer.defaults(), start=None, most=epochs).weights
    return {name: value for name, value in weights.items() if name.startswith("backbone.")}
