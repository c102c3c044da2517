"""MixStyle: whose style an image gets, and what becomes of its maps."""

from typing import Any

import pytest
import torch
from torch import Tensor

from wbcray.methods.base import Mixture, Targets
from wbcray.methods.mixing.mixstyle import MixStyle, MixStyleParams

DOMAINS = torch.tensor([0, 1, 0, 2, 1, 2])
OTHERS = torch.arange(6).roll(1)


def targets(domains: Tensor = DOMAINS, *, seed: int = 0) -> Targets:
    noise = torch.rand(len(domains), 16, generator=torch.Generator().manual_seed(seed))
    return Targets(labels=torch.zeros_like(domains), domains=domains, noise=noise)


def mixstyle(**params: Any) -> MixStyle:
    return MixStyle(MixStyleParams(**params))


def maps(*, dtype: torch.dtype = torch.float64) -> Tensor:
    """Maps whose channels differ in mean and spread."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(6, 4, 5, 3, generator=generator, dtype=torch.float64)
    scale = torch.rand(6, 4, 1, 1, generator=generator, dtype=torch.float64) + 0.5
    shift = torch.randn(6, 4, 1, 1, generator=generator, dtype=torch.float64)
    return (x * scale + shift).to(dtype)


def mixed(x: Tensor, mixture: Mixture) -> Tensor:
    part = mixstyle()
    return part.mix(x, part.summary(x)[mixture.partner], mixture.share)


def shares(value: float) -> Mixture:
    return Mixture(partner=OTHERS, share=torch.full((6,), value))


def slow_mixstyle(x: Tensor, mixture: Mixture) -> Tensor:
    """Equations (6) to (8) of the paper, one channel at a time."""
    result = torch.empty_like(x)
    for row, (partner, share) in enumerate(
        zip(mixture.partner.tolist(), mixture.share.tolist(), strict=True)
    ):
        for channel in range(x.shape[1]):
            own, other = x[row, channel], x[partner, channel]
            deviation, theirs = ((each.var() + 1e-6).sqrt() for each in (own, other))
            gamma = share * deviation + (1 - share) * theirs
            beta = share * own.mean() + (1 - share) * other.mean()
            result[row, channel] = gamma * (own - own.mean()) / deviation + beta
    return result


def test_the_maps_are_those_of_the_equations() -> None:
    mixture = Mixture(partner=OTHERS, share=torch.tensor([0.0, 0.2, 0.5, 0.75, 0.9, 1.0]))
    exact = Mixture(partner=OTHERS, share=mixture.share.double())
    torch.testing.assert_close(mixed(maps(), exact), slow_mixstyle(maps(), exact))


def test_a_summary_is_mean_and_deviation() -> None:
    # 1, 3, 5, 7: mean 4, squared deviations 9 + 1 + 1 + 9 over three
    x = torch.tensor([1.0, 3.0, 5.0, 7.0], dtype=torch.float64).view(1, 1, 2, 2)
    expected = torch.tensor([[[4.0], [(20 / 3 + 1e-6) ** 0.5]]], dtype=torch.float64)
    torch.testing.assert_close(mixstyle().summary(x), expected)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_share_one_leaves_maps_alone(dtype: torch.dtype) -> None:
    assert torch.equal(mixed(maps(dtype=dtype), shares(1.0)), maps(dtype=dtype))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.8])
def test_the_new_moments_are_the_mixed_ones(share: float) -> None:
    part, x = mixstyle(), maps()
    before, after = part.summary(x), part.summary(mixed(x, shares(share)))
    # up to the 1e-6 beside the variance
    expected = share * before + (1 - share) * before[OTHERS]
    torch.testing.assert_close(after, expected, rtol=1e-5, atol=1e-5)


def test_no_gradient_goes_through_the_statistics() -> None:
    # With constant statistics the maps are linear in x, of slope new deviation / old deviation.
    x = maps().requires_grad_()
    upstream = torch.rand(x.shape, dtype=x.dtype, generator=torch.Generator().manual_seed(2))
    (gradient,) = torch.autograd.grad((mixed(x, shares(0.25)) * upstream).sum(), x)
    deviation = mixstyle().summary(maps())[:, 1]
    ratio = (0.25 * deviation + 0.75 * deviation[OTHERS]) / deviation
    torch.testing.assert_close(gradient, upstream * ratio[:, :, None, None])


def test_no_gradient_reaches_the_partner() -> None:
    part, x, partner = mixstyle(), maps(), maps().flip(0).requires_grad_()
    assert not part.summary(partner).requires_grad
    given = part.summary(partner.detach()).requires_grad_()
    assert not part.mix(x, given, torch.full((6,), 0.5)).requires_grad


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_under_autocast_the_sums_are_in_float32(dtype: torch.dtype) -> None:
    x = maps(dtype=dtype)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = mixed(x, shares(0.3))
        summary = mixstyle().summary(x)
    assert summary.dtype == torch.float32
    assert result.dtype == dtype
    expected = slow_mixstyle(x.double(), shares(0.3)).to(dtype)
    torch.testing.assert_close(result, expected)


@pytest.mark.parametrize("x", [torch.zeros(6, 2, 3, 3), torch.rand(6, 2, 1, 1)])
def test_dead_channels_and_maps_of_one_pixel_stay_finite(x: Tensor) -> None:
    result = mixed(x, shares(0.5))
    expected = (x.mean((2, 3)) + x.mean((2, 3))[OTHERS]) / 2
    torch.testing.assert_close(result, expected[:, :, None, None].expand_as(x))


@pytest.mark.parametrize(("count", "stages"), [(1, (1,)), (2, (1, 2)), (3, (1, 2, 3))])
def test_styles_are_mixed_behind_the_first_stages(count: int, stages: tuple[int, ...]) -> None:
    assert mixstyle(stages=count).stages == stages


def test_partners_are_of_another_domain_or_any_other_image() -> None:
    strict = mixstyle().draw(targets(), 0).partner
    assert bool((DOMAINS[strict] != DOMAINS).all())
    free = mixstyle(partners="any").draw(targets(torch.zeros_like(DOMAINS)), 0)
    assert bool((free.partner != torch.arange(6)).all())


@pytest.mark.parametrize(
    ("partners", "domains"),
    [("other_domain", torch.ones(4).long()), ("any", torch.zeros(1).long())],
)
def test_who_has_no_partner_is_not_mixed(partners: str, domains: Tensor) -> None:
    mixture = mixstyle(probability=1.0, partners=partners).draw(targets(domains), 0)
    assert mixture.share.tolist() == [1.0] * len(domains)
    assert mixture.partner.tolist() == list(range(len(domains)))


def test_chance_decides_for_each_image() -> None:
    domains = torch.arange(4000) % 2
    kept = mixstyle(probability=0.3, alpha=1.0).draw(targets(domains), 0).share == 1
    # 4000 coins: 0.7 within six standard deviations, 0.043
    assert kept.float().mean().item() == pytest.approx(0.7, abs=0.043)


@pytest.mark.parametrize(("probability", "mixed_rows"), [(0.0, 0), (1.0, 6)])
def test_no_image_or_every_image_is_chosen(probability: float, mixed_rows: int) -> None:
    share = mixstyle(probability=probability, alpha=1.0).draw(targets(), 0).share
    assert int((share < 1).sum()) == mixed_rows


def test_every_stage_is_decided_by_numbers_of_its_own() -> None:
    given = targets()
    for place in range(3):
        columns = slice(4 * place, 4 * place + 3)
        noise = torch.rand(6, 16, generator=torch.Generator().manual_seed(9))
        noise[:, columns] = given.noise[:, columns]
        here = mixstyle().draw(given, place)
        there = mixstyle().draw(
            Targets(labels=given.labels, domains=given.domains, noise=noise), place
        )
        assert torch.equal(here.partner, there.partner)
        assert torch.equal(here.share, there.share)


@pytest.mark.parametrize("partners", ["other_domain", "any"])
def test_the_order_of_the_batch_does_not_matter(partners: str) -> None:
    order, given, part = torch.tensor([3, 0, 5, 1, 4, 2]), targets(), mixstyle(partners=partners)
    other = Targets(labels=given.labels, domains=DOMAINS[order], noise=given.noise[order])
    here = mixed(maps(), part.draw(given, 1))
    there = mixed(maps()[order], part.draw(other, 1))
    assert torch.equal(there, here[order])
