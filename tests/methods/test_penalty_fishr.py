"""The Fishr penalty: what it remembers, and when it counts."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from wbcray.methods.base import Outputs, Targets, TrainingFacts
from wbcray.methods.functional.fishr import fishr
from wbcray.methods.penalties.fishr import Fishr, FishrParams

DIM, CLASSES = 3, 2
DOMAINS = torch.tensor([0, 0, 0, 1, 1, 1, 3, 3])
LABELS = torch.tensor([0, 1, 0, 1, 1, 0, 0, 1])


def penalty(**params: Any) -> Fishr:
    counts = torch.tensor([[5, 5], [5, 5], [0, 0], [5, 5]])
    facts = TrainingFacts(counts=counts, feature_dim=DIM, steps=10)
    return Fishr(FishrParams(**{"weight": 1.0, "anneal": 0.0, **params}), facts)


def outputs(*, seed: int = 0) -> Outputs:
    torch.manual_seed(seed)
    features = torch.randn(len(DOMAINS), DIM, dtype=torch.float64)
    torch.manual_seed(99)
    logits = nn.Linear(DIM, CLASSES, dtype=torch.float64)(features).detach()
    return Outputs(features=features, logits=logits)


def targets(domains: Tensor = DOMAINS) -> Targets:
    return Targets(labels=LABELS[: len(domains)], domains=domains)


def first(images: int, given: Outputs) -> Outputs:
    return Outputs(features=given.features[:images], logits=given.logits[:images])


def cost(of: Fishr, given: Outputs, *, progress: float = 0.5) -> float:
    return of(given, targets(), progress).total.item()


def test_the_first_step_costs_the_distance_of_the_raw_variances() -> None:
    given = outputs()
    raw = fishr(given.features, given.logits, LABELS, DOMAINS).item()
    assert cost(penalty(weight=20.0), given) == pytest.approx(20 * raw, rel=1e-12)


def test_the_same_step_again_and_again_costs_one_over_one_minus_ema_squared() -> None:
    fishr_penalty, given = penalty(ema=0.5), outputs()
    raw = cost(fishr_penalty, given)
    for _ in range(50):
        fishr_penalty.observe(given, targets())
    assert cost(fishr_penalty, given) == pytest.approx(4 * raw, rel=1e-12)


def test_a_second_step_adds_what_ema_leaves_of_the_first() -> None:
    fishr_penalty, fresh = penalty(ema=0.9), penalty(ema=0.9)
    fishr_penalty.observe(outputs(seed=1), targets())
    once = fishr_penalty.averages.clone()
    fishr_penalty.observe(outputs(seed=2), targets())
    fresh.observe(outputs(seed=2), targets())
    torch.testing.assert_close(fishr_penalty.averages, fresh.averages + 0.9 * once)


def test_the_averages_are_of_the_variances_before_any_weighting_by_batch_size() -> None:
    # Twice the same images have the same variance.
    once, twice, given = penalty(), penalty(), outputs()
    once.observe(given, targets())
    doubled = Outputs(features=given.features.repeat(2, 1), logits=given.logits.repeat(2, 1))
    twice.observe(doubled, Targets(labels=LABELS.repeat(2), domains=DOMAINS.repeat(2)))
    torch.testing.assert_close(twice.averages, once.averages)


def test_the_loss_is_left_out_before_its_share_of_training_and_the_averages_are_not() -> None:
    fishr_penalty, given = penalty(anneal=0.3), outputs()
    fishr_penalty.observe(given, targets())
    assert cost(fishr_penalty, given, progress=0.29) == 0.0
    assert cost(fishr_penalty, given, progress=0.3) > 0.0
    assert fishr_penalty.averages[0].any()


def test_computing_the_loss_changes_no_average() -> None:
    fishr_penalty = penalty()
    cost(fishr_penalty, outputs())
    assert not fishr_penalty.averages.any()


@pytest.mark.parametrize("domains", [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1, 3]])
def test_a_domain_with_one_image_or_none_keeps_its_average_and_is_left_out(domains) -> None:
    fishr_penalty, given = penalty(), outputs(seed=1)
    fishr_penalty.observe(outputs(), targets())
    before, here = fishr_penalty.averages.clone(), targets(torch.tensor(domains))
    without = penalty()
    without.load_state_dict({"averages": before * torch.tensor([1, 1, 0, 0])[:, None]})

    loss = fishr_penalty(first(len(domains), given), here, 0.5).total
    expected = without(first(6, given), targets(DOMAINS[:6]), 0.5).total
    torch.testing.assert_close(loss, expected)

    fishr_penalty.observe(first(len(domains), given), here)
    assert torch.equal(fishr_penalty.averages[3], before[3])
    assert not torch.equal(fishr_penalty.averages[0], before[0])


def test_a_batch_of_one_domain_costs_nothing_whatever_the_averages() -> None:
    fishr_penalty = penalty()
    fishr_penalty.observe(outputs(), targets())
    features = outputs(seed=1).features.requires_grad_()
    given = Outputs(features=features, logits=outputs(seed=1).logits)
    loss = fishr_penalty(given, targets(torch.ones_like(DOMAINS)), 0.5).total
    assert loss.item() == 0.0
    assert not torch.autograd.grad(loss, features)[0].any()


def test_the_gradient_of_a_step_does_not_shrink_with_ema() -> None:
    # Averages of zero: what `ema` leaves of nothing is nothing.
    given = outputs()
    assert cost(penalty(ema=0.99), given) == pytest.approx(cost(penalty(ema=0.0), given))
