import numpy as np
import pytest
import torch

from wbcray.data.augment import COLUMNS, Strength, augment

STILL = Strength(brightness=0.0, contrast=0.0, gain=0.0)
SQUARE = [[0.1, 0.2], [0.3, 0.4]]
# by hand: rot90 turns against the clock; from 4 on the turned square is mirrored left to right
ORIENTATIONS = [
    [[0.1, 0.2], [0.3, 0.4]],
    [[0.2, 0.4], [0.1, 0.3]],
    [[0.4, 0.3], [0.2, 0.1]],
    [[0.3, 0.1], [0.4, 0.2]],
    [[0.2, 0.1], [0.4, 0.3]],
    [[0.4, 0.2], [0.3, 0.1]],
    [[0.3, 0.4], [0.1, 0.2]],
    [[0.1, 0.3], [0.2, 0.4]],
]


def numbers(images, **columns):
    """Uniform numbers that change nothing (0.5), but for the columns that are named."""
    names = ("orientation", "brightness", "contrast", "red", "green", "blue")
    values = torch.full((images, COLUMNS), 0.5)
    values[:, 0] = 0.0
    for name, value in columns.items():
        values[:, names.index(name)] = torch.as_tensor(value)
    return values


def image(square=SQUARE):
    return torch.tensor(square).expand(1, 3, 2, 2)


@pytest.mark.parametrize("number", range(8))
def test_an_eighth_of_the_interval_is_one_orientation(number):
    turned = augment(image(), numbers(1, orientation=(number + 0.5) / 8), STILL)
    assert torch.equal(turned, image(ORIENTATIONS[number]))


def test_the_eight_orientations_differ():
    assert len({str(square) for square in ORIENTATIONS}) == 8


def test_every_image_of_a_batch_is_turned_by_itself():
    batch = image().expand(8, 3, 2, 2)
    turned = augment(batch, numbers(8, orientation=torch.arange(8) / 8), STILL)
    assert torch.equal(turned[:, 0], torch.tensor(ORIENTATIONS))


def test_the_largest_number_below_1_is_the_last_orientation():
    turned = augment(image(), numbers(1, orientation=float(np.nextafter(np.float32(1), 0))), STILL)
    assert torch.equal(turned, image(ORIENTATIONS[7]))


def test_strength_0_keeps_every_pixel_but_its_place():
    images = torch.rand(5, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    turned = augment(images, torch.rand(5, 6), STILL)
    assert torch.equal(turned.flatten(2).sort().values, images.flatten(2).sort().values)


def test_numbers_in_the_middle_change_no_colour():
    assert torch.allclose(augment(image(), numbers(1), Strength()), image())


def test_brightness_shifts_every_pixel_alike():
    brighter = augment(image(), numbers(1, brightness=1.0), Strength(brightness=0.25))
    assert torch.allclose(brighter, image() + 0.25)


def test_contrast_stretches_about_the_mean_of_the_image():
    # the mean of 0.1 .. 0.4 is 0.25; 0.1 lies 0.15 below it, with contrast 1.2 it is 0.18
    stretched = augment(image(), numbers(1, contrast=1.0), Strength(contrast=0.2))
    assert torch.allclose(stretched, image([[0.07, 0.19], [0.31, 0.43]]))


def test_a_gain_changes_its_own_channel_alone():
    redder = augment(image(), numbers(1, red=1.0), Strength(gain=0.5))
    assert torch.allclose(redder[0, 0], image()[0, 0] * 1.5)
    assert torch.allclose(redder[0, 1:], image()[0, 1:])


def test_brightness_comes_before_the_gain():
    both = augment(
        image(), numbers(1, brightness=1.0, blue=0.0), Strength(brightness=0.1, gain=0.5)
    )
    assert torch.allclose(both[0, 2], (image()[0, 2] + 0.1) * 0.5)


@pytest.mark.parametrize(("brightness", "end"), [(0.0, 0.0), (1.0, 1.0)])
def test_colours_stay_between_0_and_1(brightness, end):
    pushed = augment(image(), numbers(1, brightness=brightness), Strength(brightness=2.0))
    assert torch.equal(pushed, torch.full((1, 3, 2, 2), end))


def test_the_images_that_were_given_are_left_alone():
    given = torch.rand(2, 3, 4, 4)
    before = given.clone()
    augment(given, torch.rand(2, 6), Strength())
    assert torch.equal(given, before)
