"""The inner loops: one epoch of steps, and counting predictions."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from wbcray.core.config import Precision
from wbcray.core.errors import InfeasibleError
from wbcray.core.result import Counts
from wbcray.data.batch import Batch, ImageSet, visits
from wbcray.methods.method import Method
from wbcray.models.network import Network
from wbcray.training.collective import sum_counts
from wbcray.training.passes import FeaturePasses
from wbcray.training.runtime import Runtime

_BATCH = 256
"""Images per step without gradient."""


@dataclass(slots=True, kw_only=True)
class Steps:
    """What a training step needs, and how many have been made.

    Attributes:
        wrapped: The learner as the runtime wrapped it.
        method: The method inside the learner, for its hooks.
        total: Steps planned for the fold.
        done: Steps made so far.
    """

    wrapped: nn.Module
    method: Method
    optimizer: torch.optim.Optimizer
    schedule: LRScheduler
    passes: FeaturePasses
    clip_norm: float
    precision: Precision
    total: int
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
    progress = steps.done / steps.total
    steps.passes.before_step(steps.done)
    with autocast(device, steps.precision):
        total, parts, outputs, targets = steps.wrapped(batch, progress)
    steps.optimizer.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(steps.wrapped.parameters(), steps.clip_norm)
    steps.optimizer.step()
    steps.schedule.step()
    steps.method.observe(outputs, targets)
    steps.done += 1
    return {"total": total.detach(), **parts}


@torch.inference_mode()
def count_predictions(
    network: Network,
    images: ImageSet,
    runtime: Runtime,
    domains: int,
    precision: Precision,
) -> Counts:
    """int64 [domains, true, predicted] over all workers."""
    network.eval()
    classes = network.head.out_features
    counts = torch.zeros(domains * classes * classes, dtype=torch.int64, device=runtime.device)
    for batch in _share(images, runtime):
        with autocast(runtime.device, precision):
            _, logits = network(batch.images)
        pair = batch.domains * classes + batch.labels
        counts += torch.bincount(pair * classes + logits.argmax(1), minlength=len(counts))
    shaped = counts.view(domains, classes, classes).cpu().numpy()
    return sum_counts(shaped, runtime.device)


def _share(images: ImageSet, runtime: Runtime) -> Iterator[Batch]:
    return visits(images, _BATCH, runtime.device, rank=runtime.rank, world_size=runtime.world_size)
