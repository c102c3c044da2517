import pytest
import torch
from torchvision.transforms.v2 import functional as torchvision

from wbcray.data.augment.blur import blur, gaussian


def noise(images=1, side=32, dtype=torch.float32):
    return torch.rand(images, 3, side, side, generator=torch.Generator().manual_seed(0)).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("deviation", [0.25, 1.0, 1.5, 2.0])
def test_a_blur_is_that_of_torchvision(dtype, deviation):
    # the strongest blur of 2 pixels has a kernel of 6 pixels to either side
    ours = blur(noise(dtype=dtype), torch.tensor([[deviation / 2]]), 2.0)
    theirs = torchvision.gaussian_blur(noise(dtype=dtype), kernel_size=13, sigma=deviation)
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_without_strength_the_images_are_not_even_copied():
    images = noise()
    assert blur(images, torch.rand(1, 1), 0.0) is images


def test_an_image_that_draws_0_keeps_every_pixel():
    assert torch.equal(blur(noise(), torch.zeros(1, 1), 3.0), noise())


def test_every_image_of_a_batch_has_a_blur_of_its_own():
    blurred = blur(noise(2), torch.tensor([[0.0], [0.9]]), 2.0)
    assert torch.equal(blurred[0], noise(2)[0])
    assert blurred[1].std() < 0.5 * noise(2)[1].std()


def test_a_point_becomes_a_bell_curve_in_both_directions():
    # exp(-1 / 2) = 0.6065 one pixel away, exp(-1) = 0.3679 one pixel away in both directions
    point = torch.zeros(1, 3, 17, 17)
    point[:, :, 8, 8] = 1.0
    spread = blur(point, torch.tensor([[1.0 - 1e-7]]), 1.0)[0, 0]
    assert spread[8, 9] / spread[8, 8] == pytest.approx(0.6065, abs=1e-4)
    assert spread[9, 9] / spread[8, 8] == pytest.approx(0.3679, abs=1e-4)
    assert spread.sum().item() == pytest.approx(1.0, abs=1e-5)


def test_an_even_image_stays_even_up_to_its_borders():
    even = torch.full((1, 3, 32, 32), 0.7)
    assert torch.allclose(blur(even, torch.tensor([[0.5]]), 8.0), even, atol=1e-6)


@pytest.mark.parametrize("deviation", [0.0, 0.1, 1.0, 8.0])
def test_a_kernel_sums_to_1(deviation):
    kernel = gaussian(torch.tensor([[deviation]]), 24)
    assert kernel.shape == (1, 49)
    assert kernel.sum().item() == pytest.approx(1.0, abs=1e-6)


def test_the_strongest_blur_fits_the_smallest_image():
    assert blur(noise(side=32), torch.tensor([[0.999]]), 8.0).shape == (1, 3, 32, 32)
