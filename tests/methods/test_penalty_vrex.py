"""The V-REx penalty: risks by hand, and when the weight holds."""

import math

import pytest
import torch
from method_contract import facts

from wbcray.methods.base import LossTerms, Outputs, Targets
from wbcray.methods.penalties.vrex import Vrex, VrexParams


def terms(labels: list[int], domains: list[int], *, progress: float = 1.0, **params: float):
    """Every image has logits (ln 3, 0): losses ln 4/3 for label 0 and ln 4 for label 1."""
    logits = torch.tensor([[math.log(3), 0.0]] * len(labels)).requires_grad_()
    targets = Targets(labels=torch.tensor(labels), domains=torch.tensor(domains))
    outputs = Outputs(features=torch.zeros(len(labels), 6), logits=logits)
    found: LossTerms = Vrex(VrexParams(**params), facts())(outputs, targets, progress)
    return found, torch.autograd.grad(found.total, logits)[0]


def test_two_risks_by_hand() -> None:
    # Risks ln 4/3 and ln 4 differ by ln 3, whatever the numbers of images.
    found, _ = terms([0, 0, 0, 1], [0, 0, 0, 1])
    assert found.parts["vrex"].item() == pytest.approx((math.log(3) / 2) ** 2)
    assert found.total.item() == pytest.approx(10 * (math.log(3) / 2) ** 2)


@pytest.mark.parametrize(("progress", "weight"), [(0.0, 1.0), (0.29, 1.0), (0.3, 7.0), (1.0, 7.0)])
def test_the_weight_is_one_until_the_annealing_ends(progress: float, weight: float) -> None:
    found, _ = terms([0, 1], [0, 1], weight=7.0, anneal=0.3, progress=progress)
    torch.testing.assert_close(found.total, weight * found.parts["vrex"])


def test_a_batch_of_one_domain_costs_nothing() -> None:
    found, gradient = terms([0, 1, 1], [1, 1, 1])
    assert found.total.item() == 0.0
    assert not gradient.any()


def test_the_worse_domain_is_taught_and_the_better_one_untaught() -> None:
    # Label 1 is domain 1's: its logit must rise there; domain 0's right logit must fall.
    _, gradient = terms([0, 1], [0, 1])
    assert gradient[1, 1] < 0
    assert gradient[0, 0] > 0
