"""The IRM penalty: the closed form against autograd, its halves, and lone images."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from wbcray.methods.functional.irm import irm, scale_slopes, split_by_rank

LOGITS = torch.tensor(
    [[2.0, 0.0, -1.0], [0.5, 1.5, 0.0], [0.0, 0.0, 3.0], [1.0, 1.0, 1.0]], dtype=torch.float64
)
LABELS = torch.tensor([0, 1, 1, 2])
ONE = torch.zeros(4, dtype=torch.int64)


def problem(images: int, *, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(images, 3, generator=generator, dtype=torch.float64)
    return logits, torch.randint(0, 3, (images,), generator=generator)


def slow(logits: Tensor, labels: Tensor, domains: Tensor) -> Tensor:
    """The definition: derivatives with respect to a scale, by autograd."""
    products = []
    for domain in domains.unique():
        mine = domains == domain
        gradients = []
        for half in (slice(0, None, 2), slice(1, None, 2)):
            scale = logits.new_ones(()).requires_grad_()
            loss = F.cross_entropy(scale * logits[mine][half], labels[mine][half])
            gradients.append(torch.autograd.grad(loss, scale, create_graph=True)[0])
        products.append(gradients[0] * gradients[1])
    return torch.stack(products).mean()


def test_four_images_cost_what_the_public_code_says() -> None:
    assert irm(LOGITS, LABELS, ONE).item() == pytest.approx(-0.2620738328, abs=1e-9)


def test_two_images_by_hand() -> None:
    # p = (3/4, 1/4): g = 3/4 ln 3 - ln 3 for label 0 and 3/4 ln 3 for label 1.
    logits = torch.tensor([[math.log(3), 0.0]] * 2, dtype=torch.float64)
    value = irm(logits, torch.tensor([0, 1]), torch.tensor([5, 5]))
    assert value.item() == pytest.approx(-3 / 16 * math.log(3) ** 2)


def test_value_and_gradient_equal_the_definition_for_unequal_domains() -> None:
    logits, labels = problem(14, seed=0)
    domains = torch.tensor([1, 0, 2, 0, 0, 1, 2, 0, 0, 1, 0, 0, 2, 0])
    logits.requires_grad_()
    value, expected = irm(logits, labels, domains), slow(logits, labels, domains)
    torch.testing.assert_close(value, expected, rtol=1e-10, atol=0)
    torch.testing.assert_close(
        torch.autograd.grad(value, logits), torch.autograd.grad(expected, logits)
    )


def test_a_lone_image_adds_zero_to_the_mean() -> None:
    with_lone = torch.cat([LOGITS, LOGITS[:1]]).requires_grad_()
    value = irm(with_lone, torch.cat([LABELS, LABELS[:1]]), torch.tensor([0, 0, 0, 0, 1]))
    (gradient,) = torch.autograd.grad(value, with_lone)
    torch.testing.assert_close(value, irm(LOGITS, LABELS, ONE) / 2)
    assert not gradient[4].any()


def test_halves_may_be_given() -> None:
    swapped = torch.tensor([0, 2, 1, 3])
    by_halves = irm(LOGITS, LABELS, ONE, halves=torch.tensor([False, False, True, True]))
    torch.testing.assert_close(by_halves, irm(LOGITS[swapped], LABELS[swapped], ONE))


def test_a_domain_with_one_half_only_costs_nothing() -> None:
    assert irm(LOGITS, LABELS, ONE, halves=torch.ones(4, dtype=torch.bool)).item() == 0.0


def test_the_slope_of_uniform_logits_is_zero() -> None:
    assert scale_slopes(torch.ones(2, 5), torch.tensor([0, 3])).abs().max() < 1e-6


def test_ranks_split_a_domain_by_turns() -> None:
    ranks = torch.tensor([0.5, 0.1, 0.9, 0.3, 0.2, 0.8])
    domains = torch.tensor([0, 0, 0, 0, 1, 1])
    halves = split_by_rank(ranks, torch.zeros(6), domains)
    assert halves.tolist() == [False, False, True, True, False, True]


def test_equal_ranks_are_split_all_the_same() -> None:
    ranks, ties = torch.tensor([0.5, 0.5, 0.5, 0.1]), torch.tensor([3.0, 1.0, 2.0, 0.0])
    assert split_by_rank(ranks, ties, ONE).tolist() == [True, True, False, False]
    assert split_by_rank(ranks[:3], torch.zeros(3), ONE[:3]).tolist() == [False, True, False]


def test_autocast_does_not_lower_the_precision() -> None:
    logits = LOGITS.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = irm(logits, LABELS, ONE)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, irm(logits, LABELS, ONE))
