"""Reinhard's colour transfer: means and deviations become what they should."""

import pytest
import torch

from wbcray.data.augment import recipe
from wbcray.methods.colour.reinhard import DEVIATION, MEAN, Reinhard, ReinhardParams
from wbcray.methods.functional.colour_spaces import lab_to_rgb, rgb_to_lab
from wbcray.methods.functional.reinhard import LEAST_DEVIATION, reinhard


def images(*, side=16):
    """Muted colours, so that nothing has to be cut."""
    values = torch.rand(3, 3, side, side, generator=torch.Generator().manual_seed(0))
    return (values * 0.3 + 0.4).double()


def moments(given):
    lab = rgb_to_lab(given).flatten(2)
    return lab.mean(2), lab.std(2, correction=0)


def part(**params):
    return Reinhard(ReinhardParams(**params))


def nothing(count):
    return torch.empty(count, 0)


def test_every_image_gets_the_mean_and_the_deviation_that_were_asked_for():
    mean, deviation = moments(reinhard(images(), mean=(60.0, 5.0, -4.0), deviation=(6.0, 5.0, 7.0)))
    assert torch.allclose(mean, torch.tensor([60.0, 5.0, -4.0]).double().expand(3, 3))
    assert torch.allclose(deviation, torch.tensor([6.0, 5.0, 7.0]).double().expand(3, 3))


def test_two_pixels_by_hand():
    # L of 40 and 60, mean 50 and deviation 10, become 70 - 15 and 70 + 15
    lab = torch.tensor([[40.0, 60.0], [0.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    given = lab_to_rgb(lab.view(1, 3, 1, 2))
    moved = rgb_to_lab(reinhard(given, mean=(70.0, 0.0, 0.0), deviation=(15.0, 1.0, 1.0)))
    assert moved[0, 0].flatten().tolist() == pytest.approx([55.0, 85.0])


def test_half_the_strength_goes_half_the_way_in_lab():
    full, half = (
        rgb_to_lab(
            reinhard(images(), mean=(60.0, 5.0, -4.0), deviation=(6.0, 5.0, 7.0), strength=strength)
        )
        for strength in (1.0, 0.5)
    )
    assert torch.allclose(half, (full + rgb_to_lab(images())) / 2)


def test_no_strength_leaves_the_image():
    assert torch.allclose(part(strength=0.0)(images(), nothing(3)), images(), atol=1e-9)


def test_an_image_of_one_colour_becomes_the_common_mean():
    flat = torch.full((1, 3, 4, 4), 0.3, dtype=torch.float64)
    mean, deviation = moments(part()(flat, nothing(1)))
    assert mean.flatten().tolist() == pytest.approx(MEAN)
    assert deviation.max() < 1e-9


def test_grain_is_not_blown_up_beyond_the_least_deviation():
    grain = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0)) * 0.001 + 0.5
    given = grain.expand(1, 3, 32, 32).double()
    before, after = moments(given)[1], moments(part()(given, nothing(1)))[1]
    assert after[0, 0].item() == pytest.approx(
        before[0, 0].item() * DEVIATION[0] / LEAST_DEVIATION, rel=1e-6
    )


def test_applied_twice_it_changes_nothing_more():
    once = reinhard(images(), mean=(60.0, 5.0, -4.0), deviation=(6.0, 5.0, 7.0))
    twice = reinhard(once, mean=(60.0, 5.0, -4.0), deviation=(6.0, 5.0, 7.0))
    assert torch.allclose(twice, once)


def test_a_slide_under_other_light_becomes_the_same_image():
    # more light and more contrast is an affine change of L
    lab = rgb_to_lab(images())
    lit = lab_to_rgb(lab * 1.2 - torch.tensor([10.0, 0, 0]).double().view(3, 1, 1))
    assert torch.allclose(part()(lit, nothing(3)), part()(images(), nothing(3)), atol=1e-9)


def test_data_take_it_for_a_colour_part_that_acts_when_images_are_judged():
    given = images().float()
    judged = recipe.Recipe(colour=part()).in_evaluation(given)
    assert torch.equal(judged, part()(given, nothing(3)))
    assert not torch.allclose(judged, given, atol=0.01)
