"""The IRM penalty: whose noise splits the images, and when the weight holds."""

import math

import pytest
import torch
from method_contract import facts
from torch import Tensor

from wbcray.methods.base import NOISE_COLUMNS, PENALTY_NOISE, LossTerms, Outputs, Targets
from wbcray.methods.functional.irm import irm
from wbcray.methods.penalties.irm import Irm, IrmParams

IMAGES = 9
DOMAINS = torch.tensor([0, 1, 0, 2, 1, 0, 1, 0, 0])
LABELS = torch.tensor([0, 1, 2, 0, 0, 1, 2, 2, 1])


def random(columns: int, *, seed: int) -> Tensor:
    return torch.rand(IMAGES, columns, generator=torch.Generator().manual_seed(seed))


LOGITS = 3 * random(3, seed=0).double()
NOISE = random(NOISE_COLUMNS, seed=1)


def terms(
    logits: Tensor = LOGITS,
    *,
    noise: Tensor | None = NOISE,
    order: Tensor | None = None,
    progress: float = 1.0,
    **params: float,
) -> LossTerms:
    rows = torch.arange(IMAGES) if order is None else order
    targets = Targets(
        labels=LABELS[rows], domains=DOMAINS[rows], noise=None if noise is None else noise[rows]
    )
    outputs = Outputs(features=torch.zeros(IMAGES, 6), logits=logits[rows])
    return Irm(IrmParams(**params), facts())(outputs, targets, progress)


@pytest.mark.parametrize(("progress", "weight"), [(0.0, 1.0), (0.29, 1.0), (0.3, 7.0), (1.0, 7.0)])
def test_the_weight_is_one_until_the_annealing_ends(progress: float, weight: float) -> None:
    found = terms(weight=7.0, anneal=0.3, progress=progress)
    torch.testing.assert_close(found.total, weight * found.parts["irm"])


def test_two_images_of_one_domain_by_hand() -> None:
    logits = torch.tensor([[math.log(3), 0.0]] * 2)
    targets = Targets(
        labels=torch.tensor([0, 1]), domains=torch.tensor([1, 1]), noise=NOISE[:2].clone()
    )
    outputs = Outputs(features=torch.zeros(2, 6), logits=logits)
    found = Irm(IrmParams(), facts())(outputs, targets, 1.0)
    assert found.total.item() == pytest.approx(-100 * 3 / 16 * math.log(3) ** 2, rel=1e-5)


def test_images_in_the_order_of_their_noise_are_split_as_the_function_does() -> None:
    order = NOISE[:, PENALTY_NOISE].argsort()
    expected = irm(LOGITS[order], LABELS[order], DOMAINS[order])
    torch.testing.assert_close(terms().parts["irm"], expected)


def test_other_noise_splits_otherwise() -> None:
    assert terms(noise=random(NOISE_COLUMNS, seed=2)).total.item() != terms().total.item()


@pytest.mark.parametrize("noise", [NOISE, torch.zeros_like(NOISE)], ids=["noise", "all equal"])
def test_the_order_of_the_batch_does_not_matter(noise: Tensor) -> None:
    order = torch.tensor([3, 0, 8, 5, 1, 4, 2, 7, 6])
    here, there = LOGITS.clone().requires_grad_(), LOGITS.clone().requires_grad_()
    value, permuted = terms(here, noise=noise), terms(there, noise=noise, order=order)
    torch.testing.assert_close(permuted.total, value.total)
    torch.testing.assert_close(
        torch.autograd.grad(permuted.total, there), torch.autograd.grad(value.total, here)
    )


def test_an_image_drawn_twice_is_in_both_halves() -> None:
    targets = Targets(
        labels=torch.zeros(2, dtype=torch.int64),
        domains=torch.zeros(2, dtype=torch.int64),
        noise=NOISE[[0, 0]],
    )
    outputs = Outputs(features=torch.zeros(2, 6), logits=LOGITS[[0, 0]])
    # g * g, where one half alone would make zero
    assert Irm(IrmParams(), facts())(outputs, targets, 1.0).total.item() > 0


def test_without_noise_it_says_what_is_missing() -> None:
    with pytest.raises(TypeError, match="noise"):
        terms(noise=None)
