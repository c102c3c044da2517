"""The MMD penalty: its weight and what it costs nothing for."""

import math

import torch
from method_contract import facts
from torch import Tensor

from wbcray.methods.base import LossTerms, Outputs, Targets
from wbcray.methods.penalties.mmd import Mmd, MmdParams


def terms(features: Tensor, domains: list[int], *, weight: float) -> LossTerms:
    targets = Targets(
        labels=torch.zeros(len(domains), dtype=torch.int64), domains=torch.tensor(domains)
    )
    outputs = Outputs(features=features, logits=torch.zeros(len(domains), 3))
    return Mmd(MmdParams(weight=weight), facts())(outputs, targets, 0.5)


def test_two_points_cost_weight_times_the_discrepancy() -> None:
    found = terms(torch.tensor([[0.0], [3.0]]), [0, 1], weight=0.5)
    expected = 14 - 2 * sum(math.exp(-9 * 10.0**power) for power in range(-3, 4))
    torch.testing.assert_close(found.parts["mmd"], torch.tensor(expected))
    torch.testing.assert_close(found.total, torch.tensor(expected / 2))


def test_a_batch_of_one_domain_costs_nothing() -> None:
    features = torch.tensor([[0.0], [3.0]]).requires_grad_()
    found = terms(features, [1, 1], weight=2.0)
    (gradient,) = torch.autograd.grad(found.total, features)
    assert found.total.item() == 0.0
    assert not gradient.any()
