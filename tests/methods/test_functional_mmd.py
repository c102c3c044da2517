"""The maximum mean discrepancy, against values worked out by hand and by loops."""

import math

import pytest
import torch
from torch import Tensor

from wbcray.methods.functional.mmd import mmd

A = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
B = torch.tensor([[1.0, 1.0], [2.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
GAMMAS = [10.0**power for power in range(-3, 4)]


def between(*groups: Tensor) -> Tensor:
    sizes = torch.tensor([len(group) for group in groups])
    return mmd(torch.cat(groups), torch.arange(len(groups)).repeat_interleave(sizes))


def cloud(images: int, dim: int, *, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(images, dim, generator=generator, dtype=torch.float64)


def kernel_mean(a: list[list[float]], b: list[list[float]]) -> float:
    distances = [sum((p - q) ** 2 for p, q in zip(x, y, strict=True)) for x in a for y in b]
    return sum(math.exp(-gamma * d) for gamma in GAMMAS for d in distances) / len(distances)


def slow(*groups: Tensor) -> float:
    rows = [group.tolist() for group in groups]
    pairs = [(a, b) for number, a in enumerate(rows) for b in rows[number + 1 :]]
    return sum(
        kernel_mean(a, a) + kernel_mean(b, b) - 2 * kernel_mean(a, b) for a, b in pairs
    ) / len(pairs)


def test_two_points_cost_what_the_formula_says() -> None:
    # Distance 3, squared 9: 14 - 2 sum over gamma of exp(-9 gamma).
    value = between(torch.tensor([[0.0, 0.0]]).double(), torch.tensor([[3.0, 0.0]]).double())
    assert value.item() == pytest.approx(9.3766707328, abs=1e-9)


def test_two_triangles_cost_what_the_public_code_says() -> None:
    assert between(A, B).item() == pytest.approx(3.1545682, abs=1e-6)


@pytest.mark.parametrize("sizes", [(5, 7), (4, 1, 6), (3, 3, 3, 2)])
@pytest.mark.parametrize("scale", [0.03, 1.0])
def test_random_problems_agree_with_the_loops(sizes: tuple[int, ...], scale: float) -> None:
    groups = [scale * cloud(size, 4, seed=number) for number, size in enumerate(sizes)]
    assert between(*groups).item() == pytest.approx(slow(*groups), rel=1e-10)


def test_the_widths_may_be_chosen() -> None:
    # One kernel: 2 - 2 exp(-gamma d^2).
    points, domains = torch.tensor([[0.0], [2.0]]), torch.tensor([0, 1])
    value = mmd(points, domains, gammas=(0.5,))
    assert value.item() == pytest.approx(2 - 2 * math.exp(-2))


def test_identical_domains_cost_nothing() -> None:
    group = cloud(6, 64, seed=0)
    assert between(group, group).item() == pytest.approx(0.0, abs=1e-12)


def test_domains_far_apart_cost_twice_the_number_of_kernels() -> None:
    assert between(torch.zeros(1, 3), torch.full((1, 3), 1e4)).item() == 14.0


def test_exchanged_domains_cost_the_same() -> None:
    torch.testing.assert_close(between(A, B), between(B, A))


def test_one_domain_costs_exactly_nothing() -> None:
    features = A.clone().requires_grad_()
    value = mmd(features, torch.tensor([2, 2, 2]))
    (gradient,) = torch.autograd.grad(value, features)
    assert value.item() == 0.0
    assert not gradient.any()


def test_equal_images_give_no_gradient() -> None:
    features = torch.full((4, 3), 0.7).requires_grad_()
    value = mmd(features, torch.tensor([0, 0, 1, 1]))
    (gradient,) = torch.autograd.grad(value, features)
    assert value.item() == 0.0
    assert not gradient.any()


def test_an_image_is_at_no_distance_from_itself() -> None:
    # In float32, inner products of 4000 leave distances near 1e-4, which exp(-1000 d) sees.
    features = 1.5 * cloud(6, 2048, seed=0).float() + 1
    domains = torch.tensor([0, 0, 0, 1, 1, 1])
    assert mmd(features, domains).item() == pytest.approx(slow(*features.split(3)), rel=1e-6)


def test_features_far_from_the_origin_keep_their_digits() -> None:
    # A shift by a power of two is exact here, so nothing but the origin differs.
    points = (cloud(9, 16, seed=0) * 2**20).round() / 2**20
    domains = torch.tensor([0, 1, 2] * 3)
    torch.testing.assert_close(
        mmd(points + 2**12, domains), mmd(points, domains), rtol=1e-9, atol=0
    )


def test_autograd_agrees_with_finite_differences() -> None:
    features = 0.3 * cloud(7, 3, seed=0)
    domains = torch.tensor([0, 1, 0, 2, 1, 0, 1])
    given = features.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: mmd(x, domains, (0.1, 1.0, 10.0)), (given,))


def test_order_and_numbers_of_the_domains_do_not_matter() -> None:
    features, domains = cloud(7, 3, seed=1), torch.tensor([0, 1, 0, 2, 1, 0, 1])
    order = torch.tensor([3, 0, 6, 1, 5, 2, 4])
    value = mmd(features, domains)
    torch.testing.assert_close(mmd(features[order], domains[order]), value)
    torch.testing.assert_close(mmd(features, 9 - 3 * domains), value)


def test_autocast_does_not_lower_the_precision() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = between(A.float(), B.float())
    assert inside.dtype == torch.float32
    assert torch.equal(inside, between(A.float(), B.float()))
