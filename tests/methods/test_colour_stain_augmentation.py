"""Stain augmentation: each of its numbers moves what its name says."""

import math

import pytest
import torch

from wbcray.data.augment import recipe
from wbcray.methods.colour.stain_augmentation import StainAugmentation, StainAugmentationParams


def image(images=1):
    """Random colours, with glass of (0.9, 0.8, 0.7) on the upper quarter."""
    values = torch.rand(images, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.1
    values[:, :, :4] = torch.tensor([0.9, 0.8, 0.7]).view(3, 1, 1)
    return values


def numbers(images=1, *, chosen=0.0, gain=0.0, mixing=0.0, background=0.0):
    """Uniform numbers: +1 and -1 are the ends of a range, 0 its middle."""
    row = [gain] + [mixing] * 9 + [background] * 3
    return torch.tensor([[chosen] + [(value + 1) / 2 for value in row]]).repeat(images, 1)


def jitter(uniform, images=None, **params):
    part = StainAugmentation(StainAugmentationParams(**params))
    return part(image() if images is None else images, uniform)


def density(images):
    return -(images / torch.tensor([0.9, 0.8, 0.7]).view(3, 1, 1)).log()


def test_numbers_in_the_middle_change_nothing():
    assert torch.allclose(jitter(numbers()), image(), atol=1e-6)


@pytest.mark.parametrize("end", [-1.0, 1.0])
def test_the_gain_multiplies_all_densities(end):
    jittered = jitter(numbers(gain=end), gain=math.log(1.5))
    assert torch.allclose(density(jittered), density(image()) * 1.5**end, atol=1e-5)


def test_mixing_adds_a_share_of_every_channel_to_each():
    # an entry of 0.1 everywhere: d + 0.1 (d_red + d_green + d_blue)
    jittered = jitter(numbers(mixing=1.0), mixing=0.1)
    expected = density(image()) + 0.1 * density(image()).sum(1, keepdim=True)
    assert torch.allclose(density(jittered), expected, atol=1e-5)


def test_the_background_moves_and_the_densities_on_it_stay():
    jittered = jitter(numbers(background=-1.0), background=math.log(1.25))
    assert torch.allclose(jittered, image() / 1.25, atol=1e-6)


def test_gain_and_mixing_leave_the_glass_alone():
    jittered = jitter(numbers(gain=1.0, mixing=-1.0))
    assert torch.allclose(jittered[:, :, :4], image()[:, :, :4], atol=1e-6)
    assert not torch.allclose(jittered[:, :, 4:], image()[:, :, 4:], atol=0.05)


def test_an_image_above_the_probability_is_not_touched():
    both = torch.cat([numbers(chosen=0.25, gain=1.0), numbers(chosen=0.75, gain=1.0)])
    jittered = jitter(both, image(2), probability=0.5)
    assert not torch.allclose(jittered[0], image(2)[0], atol=0.01)
    assert torch.equal(jittered[1], image(2)[1])


def test_data_take_it_for_a_colour_part():
    part = StainAugmentation(StainAugmentationParams())
    assert isinstance(part, recipe.Colour)
    assert not part.in_evaluation
