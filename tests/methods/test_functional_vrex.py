"""The variance of risks, and the means over domains that it is taken of."""

import pytest
import torch

from wbcray.methods.functional.domain_means import domain_means
from wbcray.methods.functional.vrex import vrex


def test_three_risks_by_hand() -> None:
    # Mean 0.6: (0.16 + 0.01 + 0.25) / 3.
    assert vrex(torch.tensor([0.2, 0.5, 1.1])).item() == pytest.approx(0.14)


def test_two_risks_cost_the_square_of_half_their_difference() -> None:
    assert vrex(torch.tensor([0.25, 2.25])).item() == 1.0


@pytest.mark.parametrize("risks", [[0.5, 0.5, 0.5], [0.7], []])
def test_equal_risks_and_one_risk_cost_nothing(risks: list[float]) -> None:
    given = torch.tensor(risks).requires_grad_()
    value = vrex(given)
    (gradient,) = torch.autograd.grad(value, given)
    assert value.item() == 0.0
    assert not gradient.any()


def test_risks_that_are_not_present_do_not_count() -> None:
    given = torch.tensor([0.2, float("inf"), 0.5, 1.1]).requires_grad_()
    value = vrex(given, present=torch.tensor([True, False, True, True]))
    (gradient,) = torch.autograd.grad(value, given)
    assert value.item() == pytest.approx(0.14)
    # Two thirds of the deviations from the mean, 0.6.
    torch.testing.assert_close(gradient, torch.tensor([-0.8, 0.0, -0.2, 1.0]) / 3)


def test_no_risk_present_costs_nothing() -> None:
    assert vrex(torch.zeros(3), present=torch.zeros(3, dtype=torch.bool)).item() == 0.0


def test_half_precision_risks_give_a_float32_loss() -> None:
    assert vrex(torch.tensor([0.25, 2.25]).bfloat16()).dtype == torch.float32


def test_means_are_taken_over_each_domain() -> None:
    means, present = domain_means(torch.tensor([1.0, 2.0, 4.0, 6.0]), torch.tensor([2, 0, 0, 0]), 4)
    assert means.tolist() == [4.0, 0.0, 1.0, 0.0]
    assert present.tolist() == [True, False, True, False]


def test_an_infinite_value_stays_in_its_domain() -> None:
    means, _ = domain_means(torch.tensor([1.0, float("inf")]), torch.tensor([0, 1]), 2)
    assert means.tolist() == [1.0, float("inf")]


def test_each_image_has_its_share_of_the_mean() -> None:
    values = torch.ones(4).requires_grad_()
    means, _ = domain_means(values, torch.tensor([0, 1, 1, 1]), 3)
    (gradient,) = torch.autograd.grad(means.sum(), values)
    torch.testing.assert_close(gradient, torch.tensor([1, 1 / 3, 1 / 3, 1 / 3]))
