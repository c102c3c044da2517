"""The contrastive loss across domains, against values worked out by hand and pair after pair."""

import math

import pytest
import torch
from torch import Tensor

from wbcray.methods.functional.supervised_contrastive import supervised_contrastive

LABELS = torch.tensor([0, 1, 0, 2, 1, 0, 0, 2, 3, 1])
DOMAINS = torch.tensor([0, 0, 1, 1, 2, 2, 0, 1, 0, 2])
"""Class 2 in one domain only, class 3 in one image only."""


def features(images: int = 10, *, dim: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(images, dim, generator=generator, dtype=torch.float64)


def slow(x: Tensor, labels: Tensor, domains: Tensor, temperature: float) -> Tensor:
    """Image after image, from the equations."""
    directions = x / x.norm(dim=1, keepdim=True)
    losses = []
    for i in range(len(x)):
        positives = [
            j for j in range(len(x)) if labels[j] == labels[i] and domains[j] != domains[i]
        ]
        others = [j for j in range(len(x)) if labels[j] != labels[i]]
        if not positives:
            continue
        score = directions @ directions[i] / temperature
        below = score[positives + others].exp().sum().log()
        losses.append(-torch.stack([score[p] - below for p in positives]).mean())
    return torch.stack(losses).mean()


def test_two_domains_that_agree_cost_what_the_formula_says() -> None:
    # Two images of a class in one direction, an image of another class at a right angle:
    # -log(e / (e + 1)) for both of the pair, nothing for the third.
    x = torch.tensor([[2.0, 0.0], [5.0, 0.0], [0.0, 1.0]])
    loss = supervised_contrastive(x, torch.tensor([0, 0, 1]), torch.tensor([0, 1, 0]), 1.0)
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1)))


def test_a_class_alone_in_the_batch_costs_the_choice_among_its_positives() -> None:
    # Two of each of two domains, all alike: one of two positives has a probability of one half.
    x, domains = torch.ones(4, 3), torch.tensor([0, 0, 1, 1])
    loss = supervised_contrastive(x, torch.zeros(4).long(), domains, 0.1)
    assert loss.item() == pytest.approx(math.log(2))


def test_value_and_gradient_agree_with_pair_after_pair() -> None:
    found, expected = features().requires_grad_(), features().requires_grad_()
    loss = supervised_contrastive(found, LABELS, DOMAINS, 0.5)
    slow_loss = slow(expected, LABELS, DOMAINS, 0.5)
    torch.testing.assert_close(loss, slow_loss, rtol=1e-12, atol=0)
    torch.testing.assert_close(
        torch.autograd.grad(loss, found),
        torch.autograd.grad(slow_loss, expected),
        rtol=1e-9,
        atol=0,
    )


def test_with_every_image_a_domain_of_its_own_it_is_the_plain_supervised_contrast() -> None:
    labels, x = torch.tensor([0, 1, 0, 1, 1]), features(5)
    directions = x / x.norm(dim=1, keepdim=True)
    scores = (directions @ directions.T / 0.3).masked_fill(torch.eye(5, dtype=bool), -torch.inf)
    logs = scores - scores.logsumexp(1, keepdim=True)
    means = [
        logs[i][[j for j in range(5) if j != i and labels[j] == labels[i]]].mean() for i in range(5)
    ]
    found = supervised_contrastive(x, labels, torch.arange(5), 0.3)
    torch.testing.assert_close(found, -torch.stack(means).mean())


def test_images_of_the_same_class_and_domain_do_not_move_each_other() -> None:
    # Neither has a positive, and each is no rival to the other.
    x = features(3).requires_grad_()
    labels, domains = torch.tensor([0, 0, 1]), torch.tensor([0, 0, 1])
    loss = supervised_contrastive(x, labels, domains, 0.1)
    assert loss.item() == 0.0
    assert not torch.autograd.grad(loss, x)[0].any()


def test_a_batch_of_one_domain_costs_exactly_nothing() -> None:
    x = features().requires_grad_()
    loss = supervised_contrastive(x, LABELS, torch.full_like(DOMAINS, 2), 0.1)
    assert loss.item() == 0.0
    assert not torch.autograd.grad(loss, x)[0].any()


def test_the_length_of_a_feature_does_not_matter() -> None:
    lengths = torch.logspace(-3, 3, 10, dtype=torch.float64)[:, None]
    torch.testing.assert_close(
        supervised_contrastive(lengths * features(), LABELS, DOMAINS, 0.1),
        supervised_contrastive(features(), LABELS, DOMAINS, 0.1),
    )


def test_a_low_temperature_neither_overflows_nor_loses_digits() -> None:
    single = supervised_contrastive(features().float(), LABELS, DOMAINS, 1e-3)
    double = supervised_contrastive(features().float().double(), LABELS, DOMAINS, 1e-3)
    assert single.dtype == torch.float32
    assert single.item() == pytest.approx(double.item(), rel=1e-6)
    assert double.item() > math.log(torch.finfo(torch.float32).max)


def test_a_feature_of_zeros_stays_finite() -> None:
    x = features()
    x[0] = 0
    x.requires_grad_()
    loss = supervised_contrastive(x, LABELS, DOMAINS, 0.1)
    (gradient,) = torch.autograd.grad(loss, x)
    assert torch.isfinite(loss)
    # Divided by a tiny length, it would be astronomical.
    assert gradient.abs().max() < 100


def test_autograd_agrees_with_finite_differences() -> None:
    x = features(6).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda given: supervised_contrastive(given, LABELS[:6], DOMAINS[:6], 0.5), (x,)
    )


def test_neither_order_nor_numbers_matter() -> None:
    order = torch.randperm(10, generator=torch.Generator().manual_seed(1))
    other = supervised_contrastive(
        features()[order], 3 - LABELS[order], 7 - 3 * DOMAINS[order], 0.1
    )
    torch.testing.assert_close(other, supervised_contrastive(features(), LABELS, DOMAINS, 0.1))


def test_autocast_does_not_lower_the_precision() -> None:
    x = features().float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = supervised_contrastive(x, LABELS, DOMAINS, 0.1)
    assert torch.equal(inside, supervised_contrastive(x, LABELS, DOMAINS, 0.1))
