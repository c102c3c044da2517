"""The distance of moments, against values worked out by hand."""

import pytest
import slow_reference
import torch
from torch import Tensor

from wbcray.methods.functional import coral
from wbcray.methods.functional import coral as coral_function

A = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
B = torch.tensor([[1.0, 1.0], [2.0, 1.0], [1.0, 3.0]], dtype=torch.float64)


def between(*groups: Tensor) -> Tensor:
    domains = torch.repeat_interleave(
        torch.arange(len(groups)), torch.tensor([len(group) for group in groups])
    )
    return coral(torch.cat(groups), domains)


def widened(group: Tensor, zeros: int) -> Tensor:
    """The same points in more dimensions."""
    return torch.cat([group, group.new_zeros(len(group), zeros)], dim=1)


def cloud(images: int, dim: int, *, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(images, dim, generator=generator, dtype=torch.float64)


def test_two_triangles_cost_what_the_formula_says() -> None:
    # Means (1/3, 1/3) and (4/3, 5/3): (1 + 16/9) / 2 = 25/18. Covariances differ by
    # [[0, -1/6], [-1/6, 1]]: (1/36 + 1/36 + 1) / 4 = 19/72. Sum 119/72.
    assert between(A, B).item() == pytest.approx(119 / 72, abs=1e-12)


def test_doubling_minus_one_and_one_costs_thirty_six() -> None:
    # Variance 2, doubled 8; means agree: (8 - 2)^2 = 36.
    line = torch.tensor([[-1.0], [1.0]])
    assert between(line, 2 * line).item() == pytest.approx(36.0)


def test_a_shift_costs_its_mean_square() -> None:
    # (0 + 1 + 4 + ... + 49) / 8 = 17.5
    group = cloud(5, 8, seed=0)
    assert between(group, group + torch.arange(8)).item() == pytest.approx(17.5, abs=1e-10)


def test_identical_domains_cost_nothing() -> None:
    group = cloud(4, 64, seed=0)
    assert between(group, group).item() == pytest.approx(0.0, abs=1e-12)


def test_identical_domains_never_cost_less_than_nothing() -> None:
    # Rounding of about 1e-17 falls on either side of zero.
    clouds = [cloud(32, 256, seed=seed) for seed in range(30)]
    assert min(between(group, group).item() for group in clouds) >= 0.0


def test_nearly_identical_domains_keep_their_digits() -> None:
    # Products in float32 would be off by more than the whole covariance term.
    a = cloud(32, 2048, seed=0).float()
    b = a + 1e-4 * cloud(32, 2048, seed=1).float()
    domains = torch.arange(2).repeat_interleave(32)
    exact = direct(torch.cat([a, b]).double(), domains)
    assert between(a, b).item() == pytest.approx(exact.item(), rel=1e-5)


@pytest.mark.parametrize("offset", [1e3, 1e5])
def test_features_far_from_the_origin_keep_their_digits(offset: float) -> None:
    groups = [cloud(size, 64, seed=size) for size in (5, 8)]
    features = (torch.cat(groups) + offset).requires_grad_()
    domains = torch.tensor([0] * 5 + [1] * 8)
    value, expected = coral(features, domains), direct(features, domains)
    torch.testing.assert_close(value, expected, rtol=1e-10, atol=0)
    torch.testing.assert_close(
        torch.autograd.grad(value, features),
        torch.autograd.grad(expected, features),
        rtol=1e-9,
        atol=1e-12,
    )


def test_scaling_splits_into_second_and_fourth_powers() -> None:
    means_only = ((A.mean(0) - B.mean(0)) ** 2).mean()
    covariances_only = between(A, B) - means_only
    expected = 3**2 * means_only + 3**4 * covariances_only
    torch.testing.assert_close(between(3 * A, 3 * B), expected)


@pytest.mark.parametrize("zeros", [0, 3, 20])
def test_the_number_of_dimensions_changes_the_scale_only(zeros: int) -> None:
    # Zero coordinates change neither sum of squares.
    dim = 2 + zeros
    expected = (25 / 9) / dim + (19 / 18) / dim**2
    assert between(widened(A, zeros), widened(B, zeros)).item() == pytest.approx(expected)


@pytest.mark.parametrize("sizes", [(5, 7), (4, 1, 6), (3, 3, 3, 2)])
@pytest.mark.parametrize("dim", [3, 40])
def test_random_problems_agree_with_the_loops(sizes: tuple[int, ...], dim: int) -> None:
    groups = [cloud(size, dim, seed=number) for number, size in enumerate(sizes)]
    rows = [(row, number) for number, group in enumerate(groups) for row in group.tolist()]
    assert between(*groups).item() == pytest.approx(slow_reference.coral(rows), rel=1e-10)


def test_the_gram_form_equals_the_direct_form() -> None:
    value, gradient = value_and_gradient(coral_function, dim=30)
    direct_value, direct_gradient = value_and_gradient(direct, dim=30)
    torch.testing.assert_close(value, direct_value, rtol=1e-10, atol=0)
    torch.testing.assert_close(gradient, direct_gradient, rtol=1e-10, atol=1e-14)


def test_the_gram_form_equals_the_direct_form_in_float32() -> None:
    value, gradient = value_and_gradient(coral_function, dim=512, dtype=torch.float32)
    direct_value, direct_gradient = value_and_gradient(direct, dim=512, dtype=torch.float32)
    torch.testing.assert_close(value, direct_value, rtol=1e-5, atol=1e-8)
    torch.testing.assert_close(gradient, direct_gradient, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("dim", [2, 12])
def test_autograd_agrees_with_finite_differences(dim: int) -> None:
    features = cloud(7, dim, seed=0).requires_grad_()
    domains = torch.tensor([0, 1, 0, 2, 1, 0, 1])
    assert torch.autograd.gradcheck(lambda given: coral(given, domains), (features,))


def test_no_matrix_of_dimensions_by_dimensions_is_made() -> None:
    # 200 000^2 numbers would be 320 GB.
    features = torch.zeros(4, 200_000)
    assert coral(features, torch.tensor([0, 0, 1, 1])).item() == 0.0


def test_a_lone_image_has_a_mean_but_no_covariance() -> None:
    # Means 0 and 3; the variance 2 of the pair is compared with nothing.
    line = torch.tensor([[-1.0], [1.0]])
    assert between(line, torch.tensor([[3.0]])).item() == pytest.approx(9.0)


def test_one_domain_costs_exactly_nothing() -> None:
    assert coral(A, torch.tensor([2, 2, 2])).item() == 0.0


def test_the_numbers_of_the_domains_do_not_matter() -> None:
    features, domains = torch.cat([A, B]), torch.tensor([0, 0, 0, 1, 1, 1])
    torch.testing.assert_close(coral(features, 7 - 3 * domains), coral(features, domains))


def test_autocast_does_not_lower_the_precision() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = between(A.float(), B.float())
    assert torch.equal(inside, between(A.float(), B.float()))


def direct(features: Tensor, domains: Tensor) -> Tensor:
    a, b = features[domains == 0], features[domains == 1]
    means = (a.mean(0) - b.mean(0)).square().mean()
    return means + (torch.cov(a.T) - torch.cov(b.T)).square().mean()


def value_and_gradient(function, *, dim: int, dtype=torch.float64) -> tuple[Tensor, Tensor]:
    features = cloud(9, dim, seed=0).to(dtype).requires_grad_()
    value = function(features, torch.tensor([0, 0, 0, 0, 1, 1, 1, 1, 1]))
    return value, torch.autograd.grad(value, features)[0]
