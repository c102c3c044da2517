"""The whole state of an unfinished fold between two epochs: taken, and put back.

Not in it is what is random: it belongs to seed and epoch alone (`data.draws`, `data.noise`,
`fold.seed_layers`), so an epoch that is begun again draws what it drew before.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from wbcray.core.result import EpochReport
from wbcray.methods.named_tensors import below, under
from wbcray.training.assembly import Assembly
from wbcray.training.best import Best


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldState:
    """What a fold needs to go on with its next epoch.

    Attributes:
        tensors: Of the learner (network and method), the optimizer, the weight average and the
            best weights; live ones where the state was just taken.
        schedule: The schedule's own numbers.
        steps: Steps made.
        best_epoch: The epoch of the best weights.
        best_score: Its score.
        reports: Of the epochs that are over, in order.
        seconds: Spent on them, over all attempts that went on from one another.
    """

    tensors: Mapping[str, Tensor]
    schedule: Mapping[str, object]
    steps: int
    best_epoch: int
    best_score: float
    reports: tuple[EpochReport, ...]
    seconds: float

    @property
    def epochs(self) -> int:
        """Epochs that are over."""
        return len(self.reports)


def take(parts: Assembly, best: Best, reports: list[EpochReport], *, seconds: float) -> FoldState:
    """The state of a fold whose last epoch is judged; its tensors are live."""
    steps = parts.steps
    average = {} if steps.average is None else steps.average.state()
    tensors = {
        **under("learner", steps.learner.state_dict()),
        **under("optimizer", _moments(steps.optimizer)),
        **under("average", average),
        **under("best", best.weights),
    }
    schedule = steps.schedule.state_dict()
    del schedule["lr_lambdas"]  # functions, which the configuration makes again
    return FoldState(
        tensors=tensors,
        schedule=schedule,
        steps=steps.done,
        best_epoch=best.epoch,
        best_score=float(best.score),
        reports=tuple(reports),
        seconds=seconds,
    )


def put_back(state: FoldState, parts: Assembly, best: Best) -> None:
    """Give what was just assembled the state of an earlier training.

    Raises:
        KeyError: For a state that lacks something, as that of another version may.
        RuntimeError: For tensors of another network or method.
    """
    steps, tensors = parts.steps, state.tensors
    steps.learner.load_state_dict(below("learner", tensors))
    _restore_moments(steps.optimizer, below("optimizer", tensors))
    steps.schedule.load_state_dict({**state.schedule, "lr_lambdas": [None]})
    for group, rate in zip(steps.optimizer.param_groups, steps.schedule.get_last_lr(), strict=True):
        group["lr"] = rate
    steps.done = state.steps
    if steps.average is not None:
        steps.average.restore(below("average", tensors))
    best.epoch, best.score = state.best_epoch, state.best_score
    best.weights = below("best", tensors)


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _moments(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What AdamW knows of each parameter that ever had a gradient: moments and steps."""
    found: dict[str, Tensor] = {}
    for number, parameter in enumerate(_parameters(optimizer)):
        found |= under(str(number), optimizer.state.get(parameter, {}))
    return found


def _restore_moments(optimizer: torch.optim.Optimizer, moments: Mapping[str, Tensor]) -> None:
    # Not load_state_dict, which would put steps and moments where it thinks best.
    for number, parameter in enumerate(_parameters(optimizer)):
        known = below(str(number), moments)
        if known:
            optimizer.state[parameter] = known
