"""Stain in optical density, against the physics it claims."""

import pytest
import torch

from wbcray.methods.functional.stain import DARKEST, background_of, restain

GLASS = torch.tensor([[0.95, 0.9, 0.8], [0.7, 0.8, 0.9]])
# what a nucleus, a cytoplasm and a red cell absorb of red, green and blue
DYES = torch.tensor([[0.8, 2.0, 0.2], [0.5, 0.6, 0.1], [0.1, 0.4, 0.3]])


def scaled(gain):
    return torch.eye(3).expand(2, 3, 3) * gain


def slide(gain, *, glass=GLASS):
    """Two images of 24 x 24 pixels by Beer-Lambert; a tenth of each is empty glass."""
    amounts = torch.rand(3, 24, 24, generator=torch.Generator().manual_seed(0))
    amounts[:, :, :3] = 0.0
    density = torch.einsum("dc,dhw->chw", DYES, amounts) * 0.5
    return glass[:, :, None, None] * torch.exp(-gain * density)


def restained(images, change, *, background=GLASS, new_background=GLASS):
    return restain(
        images, density_change=change, background=background, new_background=new_background
    )


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.7])
def test_a_density_times_g_is_the_slide_stained_g_times_as_much(gain):
    assert torch.allclose(restained(slide(1.0), scaled(gain)), slide(gain), atol=1e-6)


@pytest.mark.parametrize("gain", [0.5, 0.8, 1.5])
def test_a_gain_is_undone_by_its_inverse_within_a_grey_level(gain):
    there = restained(slide(1.0), scaled(gain))
    back = restained(there, scaled(1 / gain))
    assert (back - slide(1.0)).abs().max() < 1 / 255


def test_a_mixture_is_undone_by_the_inverse_matrix_within_a_grey_level():
    change = torch.eye(3) + 0.1 * torch.tensor([[0.3, -1, 0.5], [1, -0.4, 0.2], [-0.6, 0.8, 1]])
    there = restained(slide(1.0), change.expand(2, 3, 3))
    back = restained(there, torch.linalg.inv(change).expand(2, 3, 3))
    assert (back - slide(1.0)).abs().max() < 1 / 255


def test_a_pixel_by_hand():
    # density of 0.4 on glass of 0.8 is log 2; twice that leaves a quarter: 0.2
    image = torch.full((2, 3, 1, 1), 0.4)
    glass = torch.full((2, 3), 0.8)
    twice = restained(image, scaled(2.0), background=glass, new_background=glass)
    assert torch.allclose(twice, torch.full((2, 3, 1, 1), 0.2))


def test_a_row_of_the_matrix_says_what_becomes_of_a_channel():
    # red takes the density of green: 0.9 exp(-log(0.9 / 0.3)) = 0.3
    image = torch.tensor([0.9, 0.3, 0.9]).view(1, 3, 1, 1)
    change = torch.tensor([[[0.0, 1, 0], [0, 1, 0], [0, 0, 1]]])
    glass = torch.full((1, 3), 0.9)
    mixed = restained(image, change, background=glass, new_background=glass)
    assert torch.allclose(mixed.flatten(), torch.tensor([0.3, 0.3, 0.9]))


def test_empty_glass_keeps_its_colour_whatever_the_stain():
    strong = restained(slide(1.0), scaled(3.0))
    assert torch.allclose(strong[:, :, :, :3], slide(1.0)[:, :, :, :3], atol=1e-6)


def test_another_background_is_the_same_stain_on_other_glass():
    other = torch.tensor([[0.6, 0.7, 0.8], [0.9, 0.9, 0.9]])
    moved = restained(slide(1.0), scaled(1.0), new_background=other)
    assert torch.allclose(moved, slide(1.0, glass=other), atol=1e-6)


def test_black_is_as_dark_as_a_pixel_gets_and_brighter_than_white_is_cut():
    black = torch.zeros(2, 3, 4, 4)
    assert torch.allclose(restained(black, scaled(1.0)), torch.full_like(black, DARKEST))
    white = torch.ones(2, 3, 4, 4)
    assert restained(white, scaled(3.0)).max() == 1.0


def test_the_background_of_a_slide_is_its_glass():
    assert torch.allclose(background_of(slide(1.0)), GLASS, atol=1e-6)


def test_the_background_does_not_move_with_the_stain():
    assert torch.allclose(background_of(slide(2.0)), background_of(slide(0.5)), atol=1e-6)


def test_glare_on_a_few_pixels_is_not_the_background():
    # 4 % of the pixels; the estimate is the 95th percentile
    image = torch.full((1, 3, 10, 10), 0.6)
    image.flatten(2)[:, :, :4] = 1.0
    assert torch.allclose(background_of(image), torch.tensor([[0.6, 0.6, 0.6]]))


def test_a_black_image_has_a_background_that_divides():
    assert torch.equal(background_of(torch.zeros(1, 3, 8, 8)), torch.full((1, 3), DARKEST))


@pytest.mark.parametrize("side", [1, 31, 64, 100])
def test_any_size_has_a_background(side):
    assert torch.allclose(
        background_of(torch.full((2, 3, side, side), 0.5)), torch.full((2, 3), 0.5)
    )
