import pytest
import torch
from torchvision.transforms.v2 import functional as torchvision

from wbcray.core.config import AugmentConfig
from wbcray.data.augment.photometric import hue_and_saturation, recolour

SQUARE = [[0.1, 0.2], [0.3, 0.4]]
NAMES = ("brightness", "contrast", "red", "green", "blue", "saturation", "hue")


def still(**strengths):
    """No change but these."""
    return AugmentConfig(**{"brightness": 0.0, "contrast": 0.0, "gain": 0.0, **strengths})


def numbers(**columns):
    """Uniform numbers for one image: +1 and -1 are the ends of a range, 0 its middle."""
    return torch.tensor([[(columns.get(name, 0.0) + 1) / 2 for name in NAMES]])


def image(square=SQUARE):
    return torch.tensor(square).expand(1, 3, 2, 2)


def noise(images=1, side=8, dtype=torch.float32):
    return torch.rand(images, 3, side, side, generator=torch.Generator().manual_seed(0)).to(dtype)


def test_numbers_in_the_middle_change_no_colour():
    assert torch.allclose(recolour(image(), numbers(), AugmentConfig()), image())


def test_brightness_shifts_every_pixel_alike():
    brighter = recolour(image(), numbers(brightness=1.0), still(brightness=0.25))
    assert torch.allclose(brighter, image() + 0.25)


def test_contrast_stretches_about_the_mean_of_the_image():
    # the mean of 0.1 .. 0.4 is 0.25; 0.1 lies 0.15 below it, with contrast 1.2 it is 0.18
    stretched = recolour(image(), numbers(contrast=1.0), still(contrast=0.2))
    assert torch.allclose(stretched, image([[0.07, 0.19], [0.31, 0.43]]))


def test_a_gain_changes_its_own_channel_alone():
    redder = recolour(image(), numbers(red=1.0), still(gain=0.5))
    assert torch.allclose(redder[0, 0], image()[0, 0] * 1.5)
    assert torch.allclose(redder[0, 1:], image()[0, 1:])


def test_brightness_comes_before_the_gain():
    both = recolour(image(), numbers(brightness=1.0, blue=-1.0), still(brightness=0.1, gain=0.5))
    assert torch.allclose(both[0, 2], (image()[0, 2] + 0.1) * 0.5)


@pytest.mark.parametrize(("brightness", "end"), [(-1.0, 0.0), (1.0, 1.0)])
@pytest.mark.parametrize("saturation", [0.0, 0.5])
def test_colours_stay_between_0_and_1(brightness, end, saturation):
    config = still(brightness=1.0, saturation=saturation)
    pushed = recolour(image(), numbers(brightness=brightness), config)
    assert torch.allclose(pushed, torch.full((1, 3, 2, 2), end), atol=0.0 if end else 1e-6)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("change", [-1.0, -0.25, 0.25, 1.0])
def test_saturation_is_that_of_torchvision(dtype, change):
    # torchvision's weights of the grey image sum to 0.9999 and not to 1
    given = noise(dtype=dtype)
    ours = recolour(given, numbers(saturation=change), still(saturation=1.0))
    assert torch.allclose(ours, torchvision.adjust_saturation(given, 1 + change), atol=1.1e-4)


def test_saturation_acts_after_the_gain():
    # grey after the gain, whatever the gain: 0.299 * 0.15 + 0.587 * 0.1 + 0.114 * 0.1 = 0.11495
    grey = recolour(
        torch.full((1, 3, 2, 2), 0.1),
        numbers(red=1.0, saturation=-1.0),
        still(gain=0.5, saturation=1.0),
    )
    assert torch.allclose(grey, torch.full((1, 3, 2, 2), 0.11495), atol=1e-6)


def test_a_whole_turn_of_the_hue_changes_nothing():
    third = hue_and_saturation(hue=torch.tensor([120.0]), saturation=torch.ones(1))[0]
    assert torch.allclose(third @ third @ third, torch.eye(3), atol=1e-5)
    assert not torch.allclose(third, torch.eye(3), atol=0.1)


def test_hue_leaves_grey_and_luma_alone():
    matrix = hue_and_saturation(hue=torch.tensor([70.0]), saturation=torch.tensor([1.3]))[0]
    assert torch.allclose(matrix @ torch.ones(3), torch.ones(3), atol=1e-5)
    luma = torch.tensor([0.299, 0.587, 0.114])
    assert torch.allclose(luma @ matrix, luma, atol=1e-5)


def test_hue_turns_each_image_by_itself():
    given = noise(2)
    both = recolour(given, torch.cat([numbers(hue=1.0), numbers()]), still(hue=90.0))
    assert not torch.allclose(both[0], given[0], atol=0.05)
    assert torch.allclose(both[1], given[1], atol=1e-5)


def test_a_large_image_alone_is_as_in_a_batch_with_several_threads():
    # beyond 32,768 numbers torch would share out the mean of a lone image among its threads
    given, uniform = noise(3, side=160), torch.rand(3, 7)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        together = recolour(given, uniform, AugmentConfig())
        alone = recolour(given[1:2], uniform[1:2], AugmentConfig())
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(alone[0], together[1])
