"""Gray world: the mean becomes grey, and the brightness stays."""

import pytest
import torch

from wbcray.data.augment import recipe
from wbcray.methods.colour.gray_world import GrayWorld, GrayWorldParams
from wbcray.methods.functional.gray_world import gray_world


def images():
    """Random colours under a yellow lamp, dark enough that nothing has to be cut."""
    values = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.6
    return values * torch.tensor([1.0, 0.9, 0.6]).view(3, 1, 1)


def part(**params):
    return GrayWorld(GrayWorldParams(**params))


def nothing(count):
    return torch.empty(count, 0)


def test_the_mean_of_every_image_is_grey():
    means = gray_world(images()).mean((2, 3))
    assert torch.allclose(means, means.mean(1, keepdim=True).expand(3, 3), atol=2e-3)


def test_the_brightness_stays():
    assert torch.allclose(gray_world(images()).mean((1, 2, 3)), images().mean((1, 2, 3)), atol=1e-3)


def test_a_colour_by_hand():
    # means of 0.6, 0.4 and 0.2 and their mean 0.4, each with 1/255 added
    given = torch.tensor([0.6, 0.4, 0.2], dtype=torch.float64).view(1, 3, 1, 1)
    dark = 1 / 255
    expected = [x * (0.4 + dark) / (x + dark) for x in (0.6, 0.4, 0.2)]
    assert gray_world(given).flatten().tolist() == pytest.approx(expected)


def test_half_the_strength_takes_the_root_of_the_gains():
    full, half = (gray_world(images(), strength=strength) / images() for strength in (1.0, 0.5))
    assert torch.allclose(half, full.sqrt())


def test_no_strength_leaves_the_image():
    assert torch.equal(part(strength=0.0)(images(), nothing(3)), images())


def test_a_black_image_stays_black():
    assert part()(torch.zeros(1, 3, 4, 4), nothing(1)).max() == 0


def test_an_image_of_one_channel_stays_finite_and_is_cut():
    red = torch.zeros(1, 3, 4, 4)
    red[:, 0] = 1.0
    balanced = part()(red, nothing(1))
    assert balanced[:, 1:].max() == 0
    assert balanced[:, 0].max().item() == pytest.approx((1 / 3 + 1 / 255) / (1 + 1 / 255))


def test_another_lamp_gives_nearly_the_same_colours():
    lamp = torch.tensor([0.8, 1.0, 1.1]).view(3, 1, 1)
    first, second = gray_world(images()), gray_world(images() * lamp)
    colours = [given / given.mean((1, 2, 3), keepdim=True) for given in (first, second)]
    assert torch.allclose(*colours, atol=0.02)


def test_data_take_it_for_a_colour_part_that_acts_when_images_are_judged():
    judged = recipe.Recipe(colour=part()).in_evaluation(images())
    assert torch.equal(judged, gray_world(images()))
