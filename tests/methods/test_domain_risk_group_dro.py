"""Group DRO: which domains gain weight, and when."""

import math

import pytest
import torch
from torch import Tensor

from wbcray.methods.base import TrainingFacts
from wbcray.methods.domain_risk.group_dro import GroupDro, GroupDroParams

COUNTS = torch.tensor([[5, 3], [2, 1], [0, 0]])
"""Domain 2 is held out."""


def risk(*, eta: float = 0.01, counts: Tensor = COUNTS) -> GroupDro:
    return GroupDro(GroupDroParams(eta=eta), TrainingFacts(counts=counts, feature_dim=2, steps=10))


def numbers(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


LOSSES, DOMAINS = numbers(0.7, 1.2, 1.4), torch.tensor([0, 1, 1])
"""Risks 0.7 and 1.3."""


def shares(of: GroupDro) -> list[float]:
    return of.log_q.exp().tolist()


def test_the_weights_start_equal_over_the_domains_with_images() -> None:
    assert shares(risk()) == pytest.approx([0.5, 0.5, 0.0])


def test_three_steps_move_the_weights_as_worked_out() -> None:
    dro = risk()
    for _ in range(3):
        dro.observe(LOSSES, DOMAINS)
    # The softmax of 0.021 and 0.039, three times eta times the risks.
    assert shares(dro)[:2] == pytest.approx([0.49550, 0.50450], abs=5e-6)


def test_the_weights_of_a_step_know_its_risks() -> None:
    grown = [math.exp(0.7), math.exp(1.3)]
    expected = (grown[0] * 0.7 + grown[1] * 1.3) / sum(grown)
    assert risk(eta=1.0)(LOSSES, DOMAINS).item() == pytest.approx(expected)


def test_weights_remember_the_steps_before() -> None:
    dro = risk(eta=1.0)
    dro.observe(LOSSES, DOMAINS)
    dro.observe(numbers(2.0, 0.1), torch.tensor([0, 1]))
    q0 = 1 / (1 + math.exp(1.3 + 0.1 + 1.3 - 0.7 - 2.0 - 0.7))
    assert dro(LOSSES, DOMAINS).item() == pytest.approx(0.7 * q0 + 1.3 * (1 - q0))


def test_eta_zero_is_the_mean_of_the_means() -> None:
    dro = risk(eta=0.0)
    dro.observe(LOSSES, DOMAINS)
    assert dro(LOSSES, DOMAINS).item() == pytest.approx((0.7 + 1.3) / 2, abs=1e-15)


def test_gradient_reaches_the_losses_by_weight_and_not_through_the_weights() -> None:
    losses = LOSSES.clone().requires_grad_()
    risk(eta=1.0)(losses, DOMAINS).backward()
    q1 = 1 / (1 + math.exp(0.7 - 1.3))
    assert losses.grad.tolist() == pytest.approx([1 - q1, q1 / 2, q1 / 2])


def test_asking_for_the_risk_changes_nothing() -> None:
    dro = risk(eta=1.0)
    first = dro(LOSSES, DOMAINS)
    assert torch.equal(dro(LOSSES, DOMAINS), first)
    assert shares(dro) == pytest.approx([0.5, 0.5, 0.0])


def test_one_source_domain_costs_its_mean() -> None:
    dro = risk(eta=1.0, counts=COUNTS * torch.tensor([[0], [1], [0]]))
    dro.observe(numbers(0.3, 0.9), torch.tensor([1, 1]))
    assert dro(numbers(0.2, 0.4), torch.tensor([1, 1])).item() == pytest.approx(0.3)


def test_a_batch_of_one_domain_costs_its_mean_and_moves_no_weight() -> None:
    dro = risk(eta=1.0)
    dro.observe(LOSSES, DOMAINS)
    before = shares(dro)
    only = torch.tensor([1, 1, 1])
    dro.observe(LOSSES, only)
    assert dro(LOSSES, only).item() == pytest.approx(3.3 / 3)
    assert shares(dro) == pytest.approx(before)


THREE = torch.tensor([[1, 1], [1, 1], [1, 1]])


def test_a_domain_that_the_batch_lacks_keeps_its_weight() -> None:
    dro = risk(eta=1.0, counts=THREE)
    dro.observe(LOSSES, DOMAINS)
    grown = [math.exp(0.7), math.exp(1.3)]
    expected = [2 / 3 * each / sum(grown) for each in grown]
    assert shares(dro) == pytest.approx([*expected, 1 / 3])


def test_a_domain_that_the_batch_lacks_takes_no_part() -> None:
    without = risk(eta=1.0)(LOSSES, DOMAINS)
    torch.testing.assert_close(risk(eta=1.0, counts=THREE)(LOSSES, DOMAINS), without)


def test_images_of_a_domain_without_training_images_do_not_count() -> None:
    dro = risk(eta=1.0)
    strange = torch.cat([LOSSES, numbers(9.0)]), torch.cat([DOMAINS, torch.tensor([2])])
    torch.testing.assert_close(dro(*strange), dro(LOSSES, DOMAINS))
    dro.observe(*strange)
    assert shares(dro)[2] == 0.0


def test_a_batch_of_strangers_alone_costs_nothing_and_moves_no_weight() -> None:
    dro, strangers = risk(eta=1.0), torch.tensor([2, 2, 2])
    dro.observe(LOSSES, strangers)
    assert dro(LOSSES, strangers).item() == 0.0
    assert shares(dro) == pytest.approx([0.5, 0.5, 0.0])


def test_the_order_of_the_images_does_not_matter() -> None:
    order = torch.tensor([2, 0, 1])
    dro = risk(eta=1.0)
    torch.testing.assert_close(dro(LOSSES[order], DOMAINS[order]), dro(LOSSES, DOMAINS))


def test_renumbered_domains_renumber_the_weights() -> None:
    new_id = torch.tensor([2, 0, 1])
    counts = torch.empty_like(COUNTS)
    counts[new_id] = COUNTS
    dro, other = risk(eta=1.0), risk(eta=1.0, counts=counts)
    dro.observe(LOSSES, DOMAINS)
    other.observe(LOSSES, new_id[DOMAINS])
    torch.testing.assert_close(other.log_q[new_id], dro.log_q)
    torch.testing.assert_close(other(LOSSES, new_id[DOMAINS]), dro(LOSSES, DOMAINS))


def test_a_weight_too_small_to_show_is_not_lost() -> None:
    # 10 * (1300 - 700): the smaller weight is exp(-6000), zero in float64.
    dro = risk(eta=10.0)
    dro.observe(1000 * LOSSES, DOMAINS)
    assert shares(dro)[:2] == [0.0, 1.0]
    assert dro(LOSSES, DOMAINS).item() == pytest.approx(1.3)
    dro.observe(numbers(1300, 700), torch.tensor([0, 1]))
    assert shares(dro)[:2] == pytest.approx([0.5, 0.5])
