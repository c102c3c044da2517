"""Fifty steps: a method learns what can be learnt, whatever it adds to the risk."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from wbcray.core.config import Composition
from wbcray.methods.base import NOISE_COLUMNS, Outputs, Targets
from wbcray.testing.batches import DIM
from wbcray.testing.check import expect, expect_finite
from wbcray.testing.learner import Learner

_STEPS = 50
_COUNTS = torch.tensor([[8, 8, 0], [8, 8, 0], [0, 0, 0]])


def learning_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds after fifty steps."""
    return {
        "fifty steps learn separated classes": partial(_learns, composition, _separated, 0.95),
        # Less, as an honest penalty may hold out against labels without meaning for a while.
        "fifty steps overfit a toy batch": partial(_learns, composition, _arbitrary, 0.85),
    }


def _separated() -> tuple[Tensor, Tensor, Tensor]:
    """Inputs, labels, domains: two clouds, shifted a little in the second domain."""
    domains, labels = torch.arange(32) % 2, torch.arange(32) // 2 % 2
    inputs = nn.functional.one_hot(labels, DIM) * 4 + domains[:, None] + torch.randn(32, DIM) / 4
    return inputs, labels, domains


def _arbitrary() -> tuple[Tensor, Tensor, Tensor]:
    """Eight random vectors with labels that mean nothing, alike in both domains."""
    domains, labels = torch.arange(16) % 2, torch.arange(16) // 2 % 2
    inputs = 2 * torch.randn(8, DIM).repeat_interleave(2, dim=0) + torch.randn(16, DIM) / 8
    return inputs, labels, domains


def _learns(
    composition: Composition, task: Callable[[], tuple[Tensor, Tensor, Tensor]], least: float
) -> None:
    learner = Learner(composition, counts=_COUNTS, known=False)
    torch.manual_seed(0)
    inputs, labels, domains = task()
    network = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Linear(32, DIM))
    learned = [*network.parameters(), *learner.head.parameters(), *learner.method.parameters()]
    optimizer = torch.optim.AdamW(learned, lr=2e-2)
    for step in range(_STEPS):
        noise = torch.rand(len(labels), NOISE_COLUMNS)
        given = Targets(labels=labels, domains=domains, noise=noise)
        outputs, targets = learner.outputs(network(inputs), given)
        total = learner.method(outputs, targets, step / _STEPS).total
        expect_finite(total, f"the loss of step {step}")
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        seen = Outputs(features=outputs.features.detach(), logits=outputs.logits.detach())
        learner.method.observe(seen, targets, step / _STEPS)
    guesses = learner.logits(network(inputs)).argmax(1)
    accuracy = float((guesses == labels).float().mean())
    expect(accuracy >= least, f"{accuracy:.0%} of the batch are right after 50 steps")
