"""Style randomisation as a mixing: who is mixed with whom, and what is left alone."""

import torch
from torch import Tensor

from wbcray.core.hyper import NoParams
from wbcray.methods.base import NOISE_COLUMNS, Targets
from wbcray.methods.functional.style import randomize_style, style_of
from wbcray.methods.mixing.style_randomization import StyleRandomization

MIXING = StyleRandomization(NoParams())


def targets(noise: Tensor) -> Targets:
    ids = torch.zeros(len(noise), dtype=torch.int64)
    return Targets(labels=ids, domains=ids, noise=noise)


def noise(images: int, *, seed: int = 0) -> Tensor:
    return torch.rand(images, NOISE_COLUMNS, generator=torch.Generator().manual_seed(seed))


def features(images: int) -> Tensor:
    return torch.randn(images, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def mixed(x: Tensor, given: Targets) -> Tensor:
    mixture = MIXING.draw(given, 0)
    return MIXING.mix(x, MIXING.summary(x)[mixture.partner], mixture.share)


def test_the_partner_is_the_next_by_the_first_number_and_the_share_is_the_second() -> None:
    given = noise(3)
    given[:, 0] = torch.tensor([0.3, 0.1, 0.2])
    mixture = MIXING.draw(targets(given), 0)
    assert mixture.partner.tolist() == [1, 2, 0]
    assert torch.equal(mixture.share, given[:, 1])


def test_the_mixture_is_the_random_style() -> None:
    given, x = targets(noise(6)), features(6)
    mixture = MIXING.draw(given, 0)
    expected = randomize_style(x, style_of(x)[mixture.partner], mixture.share)
    assert torch.equal(mixed(x, given), expected)


def test_a_permuted_batch_is_mixed_as_before() -> None:
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    there = mixed(features(6)[order], targets(noise(6)[order]))
    torch.testing.assert_close(there, mixed(features(6), targets(noise(6)))[order])


def test_an_image_alone_stays_itself() -> None:
    torch.testing.assert_close(mixed(features(1), targets(noise(1))), features(1))


def test_gradient_reaches_both_images_of_a_pair() -> None:
    x = features(2).requires_grad_()
    (gradient,) = torch.autograd.grad(mixed(x, targets(noise(2)))[0].square().sum(), x)
    assert gradient.any(dim=1).all()


def test_the_result_has_the_type_of_the_features() -> None:
    assert mixed(features(4).bfloat16(), targets(noise(4))).dtype == torch.bfloat16


def test_labels_stay_those_of_the_content() -> None:
    assert not MIXING.mixes_labels
