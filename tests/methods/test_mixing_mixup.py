"""Mixup across domains, and the shares that it and MixStyle draw."""

import pytest
import torch
from scipy import stats
from torch import Tensor

from wbcray.methods.base import Mixture, Targets
from wbcray.methods.mixing.mixup import Mixup, MixupParams
from wbcray.methods.mixing_share import MixingShare

DOMAINS = torch.tensor([0, 1, 0, 2, 1, 2])


def targets(domains: Tensor = DOMAINS, *, seed: int = 0) -> Targets:
    noise = torch.rand(len(domains), 16, generator=torch.Generator().manual_seed(seed))
    return Targets(labels=torch.zeros_like(domains), domains=domains, noise=noise)


def mixup(alpha: float = 0.2) -> Mixup:
    return Mixup(MixupParams(alpha=alpha))


def images(rows: int = 6) -> Tensor:
    return torch.rand(rows, 3, 4, 4, generator=torch.Generator().manual_seed(1))


def mixed(part: Mixup, x: Tensor, mixture: Mixture) -> Tensor:
    return part.mix(x, part.summary(x)[mixture.partner], mixture.share)


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.5, 1.0, 3.0, 10.0])
def test_shares_are_distributed_as_beta(alpha: float) -> None:
    # The distribution function at the quantile of u is u, between the tabulated values too. In the
    # lower half only: near 1, where shares of a small alpha crowd, float32 has no digits for it.
    uniform = torch.linspace(1e-6, 0.5, 100_003, dtype=torch.float64)
    shares = MixingShare(alpha)(uniform.float()).double()
    reached = torch.from_numpy(stats.beta(alpha, alpha).cdf(shares.numpy()))
    assert (reached - uniform).abs().max() < 1e-3


@pytest.mark.parametrize("alpha", [0.01, 0.2, 10.0])
def test_shares_are_symmetric_and_increase(alpha: float) -> None:
    uniform = torch.arange(4097) / 4096
    shares = MixingShare(alpha)(uniform)
    assert torch.equal(shares + shares.flip(0), torch.ones(4097))
    assert bool((shares.diff() >= 0).all())
    assert shares[[0, 2048, 4096]].tolist() == [0.0, 0.5, 1.0]


def test_a_flat_distribution_gives_the_uniform_numbers_back() -> None:
    uniform = torch.tensor([0.0, 0.1, 0.333, 0.9, 1 - 2**-24])
    torch.testing.assert_close(MixingShare(1.0)(uniform), uniform)


def test_an_image_is_blended_by_its_share() -> None:
    x = torch.tensor([1.0, 5.0]).view(2, 1, 1, 1).expand(2, 3, 2, 2)
    mixture = Mixture(partner=torch.tensor([1, 0]), share=torch.tensor([0.75, 0.5]))
    # 0.75 * 1 + 0.25 * 5 = 2 and 0.5 * 5 + 0.5 * 1 = 3
    assert mixed(mixup(), x, mixture)[:, 0, 0, 0].tolist() == [2.0, 3.0]


def test_share_one_leaves_images_alone() -> None:
    mixture = Mixture(partner=torch.arange(6).flip(0), share=torch.ones(6))
    assert torch.equal(mixed(mixup(), images(), mixture), images())


def test_partners_are_of_other_domains() -> None:
    assert bool((DOMAINS[mixup().draw(targets(), 0).partner] != DOMAINS).all())


def test_every_image_has_a_share_of_its_own() -> None:
    share = mixup().draw(targets(), 0).share
    assert len(share.unique()) == 6
    torch.testing.assert_close(share, MixingShare(0.2)(targets().uniform(1)))


def test_a_batch_of_one_domain_is_not_mixed() -> None:
    mixture = mixup().draw(targets(torch.ones(5, dtype=torch.int64)), 0)
    assert mixture.partner.tolist() == list(range(5))
    assert mixture.share.tolist() == [1.0] * 5


def test_the_order_of_the_batch_does_not_matter() -> None:
    order, given = torch.tensor([3, 0, 5, 1, 4, 2]), targets()
    other = Targets(labels=given.labels, domains=DOMAINS[order], noise=given.noise[order])
    part = mixup()
    here = mixed(part, images(), part.draw(given, 0))
    there = mixed(part, images()[order], part.draw(other, 0))
    assert torch.equal(there, here[order])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_images_keep_their_type(dtype: torch.dtype) -> None:
    part = mixup()
    result = mixed(part, images().to(dtype), part.draw(targets(), 0))
    assert result.dtype == dtype
    expected = mixed(part, images(), part.draw(targets(), 0))
    torch.testing.assert_close(result.float(), expected, rtol=1e-2, atol=1e-2)


def test_a_checkpoint_need_not_carry_the_table_of_shares() -> None:
    assert not mixup().state_dict()
