"""What an image looks like in a few numbers: colour, contrast and fine detail."""

import torch
from jaxtyping import Float
from torch import Tensor

_FAINTEST = 1e-3
"""Added before the logarithm, so that a blank image has one."""


def appearance(images: Float[Tensor, "batch 3 side side"]) -> Float[Tensor, "batch 7"]:
    """Of each image as the network sees it, in standard deviations of ImageNet's pixels.

    Mean of each channel; logarithm of each channel's standard deviation; logarithm of the mean
    difference between neighbouring pixels.
    """
    pixels = images.float()
    across = (pixels[..., 1:] - pixels[..., :-1]).abs().mean((1, 2, 3))
    down = (pixels[..., 1:, :] - pixels[..., :-1, :]).abs().mean((1, 2, 3))
    spread = pixels.flatten(2).std(2, unbiased=False)
    contrast = torch.cat([spread, (across + down)[:, None] / 2], dim=1)
    return torch.cat([pixels.mean((2, 3)), (contrast + _FAINTEST).log()], dim=1)
