import numpy as np
import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as torchvision

from wbcray.core.config import AugmentConfig
from wbcray.data.augment.geometric import orient, warp

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
PLACES = ("rotation", "right", "down", "scale", "shear")


def image(square=SQUARE):
    return torch.tensor(square).expand(1, 3, 2, 2)


def noise(images=1, side=16, dtype=torch.float32):
    return torch.rand(images, 3, side, side, generator=torch.Generator().manual_seed(0)).to(dtype)


def orientation(value):
    return torch.as_tensor(value, dtype=torch.float32).reshape(-1, 1)


def place(**columns):
    """Uniform numbers for one image: +1 and -1 are the ends of a range, 0 its middle."""
    return torch.tensor([[(columns.get(name, 0.0) + 1) / 2 for name in PLACES]])


@pytest.mark.parametrize("number", range(8))
def test_an_eighth_of_the_interval_is_one_orientation(number):
    assert torch.equal(
        orient(image(), orientation((number + 0.5) / 8)), image(ORIENTATIONS[number])
    )


def test_the_eight_orientations_differ():
    assert len({str(square) for square in ORIENTATIONS}) == 8


def test_every_image_of_a_batch_is_turned_by_itself():
    turned = orient(image().expand(8, 3, 2, 2), orientation(torch.arange(8) / 8))
    assert torch.equal(turned[:, 0], torch.tensor(ORIENTATIONS))


def test_the_largest_number_below_1_is_the_last_orientation():
    turned = orient(image(), orientation(float(np.nextafter(np.float32(1), 0))))
    assert torch.equal(turned, image(ORIENTATIONS[7]))


def test_an_orientation_keeps_every_pixel_but_its_place():
    images = noise(5)
    turned = orient(images, torch.rand(5, 1))
    assert torch.equal(turned.flatten(2).sort().values, images.flatten(2).sort().values)


def test_without_strength_the_images_are_not_even_copied():
    images = noise()
    assert warp(images, torch.rand(1, 5), AugmentConfig()) is images


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("angle", [0.0, 13.0, -40.0])
@pytest.mark.parametrize("shear", [0.0, 7.0, -20.0])
@pytest.mark.parametrize(("right", "down"), [(0.0, 0.0), (0.125, -0.0625)])
def test_an_affine_map_is_that_of_torchvision(dtype, angle, shear, right, down):
    # magnified by 2.5, so that no new pixel comes from outside, where torchvision has no reflection
    given = noise(dtype=dtype)
    config = AugmentConfig(rotation=45.0, shear=30.0, translation=0.25, scale=float(np.log(2.5)))
    numbers = place(
        rotation=angle / 45, shear=shear / 30, right=right / 0.25, down=down / 0.25, scale=1.0
    )
    theirs = torchvision.affine(
        given,
        angle=angle,
        translate=[right * 16, down * 16],
        scale=2.5,
        shear=[shear, 0.0],
        interpolation=InterpolationMode.BILINEAR,
    )
    assert torch.allclose(warp(given, numbers, config), theirs, atol=2e-5)


def test_a_quarter_turn_with_the_clock_is_one():
    turned = warp(noise(), place(rotation=0.5), AugmentConfig(rotation=180.0))
    assert torch.allclose(turned, torch.rot90(noise(), -1, (2, 3)), atol=1e-5)


def test_a_shift_of_a_quarter_of_four_pixels_is_one_pixel_and_reflects_the_border():
    row = torch.tensor([0.1, 0.2, 0.3, 0.4]).expand(1, 3, 4, 4)
    moved = warp(row, place(right=1.0), AugmentConfig(translation=0.25))
    assert torch.allclose(moved[0, 0, 0], torch.tensor([0.1, 0.1, 0.2, 0.3]), atol=1e-6)


def test_twice_the_size_shows_the_middle_half():
    # a step in the middle stays there; a bright border of a quarter leaves the frame
    given = torch.zeros(1, 3, 16, 16)
    given[:, :, :, :3] = 1.0
    larger = warp(given, place(scale=1.0), AugmentConfig(scale=float(np.log(2))))
    assert larger.max() == 0.0


@pytest.mark.parametrize("name", PLACES)
def test_every_number_of_an_affine_map_moves_something(name):
    config = AugmentConfig(rotation=20.0, translation=0.1, scale=0.2, shear=10.0)
    still = warp(noise(), place(), config)
    assert not torch.allclose(warp(noise(), place(**{name: 1.0}), config), still, atol=1e-3)
    assert torch.allclose(still, noise(), atol=1e-5)


def test_nothing_brighter_or_darker_comes_in_from_outside():
    config = AugmentConfig(rotation=180.0, translation=0.5, scale=0.7, shear=45.0)
    moved = warp(noise(64, side=8) * 0.5 + 0.25, torch.rand(64, 5), config)
    assert moved.min() >= 0.25 - 1e-6
    assert moved.max() <= 0.75 + 1e-6
