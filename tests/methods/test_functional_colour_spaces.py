"""sRGB and CIELAB, against published colours."""

import pytest
import torch

from wbcray.methods.functional.colour_spaces import lab_to_rgb, rgb_to_lab

# Red, green and blue as published for sRGB, D65 and the 2 degree observer
COLOURS = {
    "black": ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    "white": ((1.0, 1.0, 1.0), (100.0, 0.0, 0.0)),
    "red": ((1.0, 0.0, 0.0), (53.2408, 80.0925, 67.2032)),
    "green": ((0.0, 1.0, 0.0), (87.7347, -86.1827, 83.1793)),
    "blue": ((0.0, 0.0, 1.0), (32.2970, 79.1875, -107.8602)),
}


def pixel(*values):
    return torch.tensor(values, dtype=torch.float64).view(1, 3, 1, 1)


def random_images(*, side=17, dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(4, 3, side, side, dtype=dtype, generator=generator)


@pytest.mark.parametrize(("rgb", "lab"), COLOURS.values(), ids=COLOURS.keys())
def test_a_colour_is_where_it_was_published(rgb, lab):
    assert torch.allclose(rgb_to_lab(pixel(*rgb)), pixel(*lab), atol=1e-4)


@pytest.mark.parametrize(("rgb", "lab"), COLOURS.values(), ids=COLOURS.keys())
def test_a_published_place_has_its_colour(rgb, lab):
    assert torch.allclose(lab_to_rgb(pixel(*lab)), pixel(*rgb), atol=1e-5)


@pytest.mark.parametrize("shade", [0.001, 0.04, 0.3, 0.9])
def test_grey_is_neither_red_nor_green_nor_blue_nor_yellow(shade):
    assert rgb_to_lab(pixel(shade, shade, shade))[0, 1:].abs().max() < 1e-5


def test_dark_grey_by_hand():
    # light of 0.0129 / 12.92 = 0.001 lies on the straight line: L = 116 * 0.001 * 841 / 108
    lightness = rgb_to_lab(pixel(0.01292, 0.01292, 0.01292))[0, 0].item()
    assert lightness == pytest.approx(0.116 * 841 / 108)


def test_there_and_back_is_the_image():
    images = random_images()
    assert torch.allclose(lab_to_rgb(rgb_to_lab(images)), images, atol=1e-12, rtol=0)


def test_there_and_back_in_single_precision_is_the_image_within_a_tenth_of_a_grey_level():
    images = random_images(dtype=torch.float32)
    back = lab_to_rgb(rgb_to_lab(images))
    assert back.dtype == torch.float32
    assert (back - images).abs().max() < 0.1 / 255


def test_lightness_rises_with_every_channel():
    images = random_images() * 0.9
    for channel in range(3):
        brighter = images.clone()
        brighter[:, channel] += 0.05
        assert bool((rgb_to_lab(brighter)[:, 0] > rgb_to_lab(images)[:, 0]).all())


@pytest.mark.parametrize("lab", [(120.0, 0.0, 0.0), (-20.0, 0.0, 0.0), (50.0, 200.0, -200.0)])
def test_what_no_screen_shows_is_cut(lab):
    colour = lab_to_rgb(pixel(*lab))
    assert bool(torch.isfinite(colour).all())
    assert 0 <= colour.min() <= colour.max() <= 1


def test_an_image_does_not_depend_on_its_place_in_the_batch_whatever_its_size():
    # 17 x 17 is no multiple of what a processor takes at once
    images = random_images(dtype=torch.float32)
    lab = rgb_to_lab(images)
    for place in range(4):
        assert torch.equal(rgb_to_lab(images[place : place + 1]), lab[place : place + 1])
        assert torch.equal(lab_to_rgb(lab[place : place + 1]), lab_to_rgb(lab)[place : place + 1])
