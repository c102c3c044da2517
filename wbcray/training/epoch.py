"""The inner loop: one epoch of steps."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from wbcray.core.config import Precision
from wbcray.core.errors import InfeasibleError
from wbcray.data.batch import Batch
from wbcray.methods.base import WeightAverage
from wbcray.training.learner import Learner
from wbcray.training.passes import FeaturePasses


@dataclass(slots=True, kw_only=True)
class Steps:
    """What a training step needs, and how many have been made.

    Attributes:
        wrapped: The learner as the runtime wrapped it.
        learner: The learner itself, for the hooks of its method.
        average: What follows the weights from step to step, if anything does.
        alive: Called at every step.
        total: Steps planned for the fold.
        done: Steps made so far.
    """

    wrapped: nn.Module
    learner: Learner
    optimizer: torch.optim.Optimizer
    schedule: LRScheduler
    passes: FeaturePasses
    average: WeightAverage | None
    clip_norm: float
    precision: Precision
    total: int
    alive: Callable[[], None] = lambda: None
    done: int = 0

    @property
    def learning_rate(self) -> float:
        """Of the next step."""
        return float(self.schedule.get_last_lr()[0])


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[None]:
    """Mixed precision for the network's forward pass."""
    context: AbstractContextManager[None] = torch.autocast(
        device.type, torch.bfloat16, enabled=precision == "bfloat16"
    )
    return context


def train_epoch(steps: Steps, batches: Iterable[Batch], device: torch.device) -> dict[str, float]:
    """One epoch; returns the mean of the total loss and of each of its parts.

    Raises:
        InfeasibleError: When a loss was not finite; the configuration is at fault.
    """
    steps.wrapped.train()
    sums: dict[str, Tensor] = {}
    number = 0
    for batch in batches:
        for name, value in _step(steps, batch, device).items():
            sums[name] = sums.get(name, value.new_zeros(())) + value
        number += 1
    # Reading the sums once an epoch keeps a GPU from waiting at every step.
    means = {name: float(value) / max(1, number) for name, value in sums.items()}
    for name, mean in means.items():
        if not np.isfinite(mean):
            raise InfeasibleError(
                f"the loss '{name}' is not finite after {steps.done} steps",
                fix="a smaller learning rate or penalty weight; the configuration is not retried",
            )
    return means


def _step(steps: Steps, batch: Batch, device: torch.device) -> dict[str, Tensor]:
    steps.alive()
    progress = steps.done / steps.total
    steps.passes.before_step(steps.done)
    with autocast(device, steps.precision):
        total, parts, outputs, targets = steps.wrapped(batch, progress)
    steps.optimizer.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(steps.wrapped.parameters(), steps.clip_norm)
    steps.optimizer.step()
    steps.schedule.step()
    steps.learner.method.observe(outputs, targets, progress)
    if steps.average is not None:
        steps.average.after_step(steps.learner.network.state_dict(), progress)
    steps.done += 1
    return {"total": total.detach(), **parts}
