"""Focus: a Gaussian blur with a width of its own for each image."""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

_CUT = 3.0
"""Standard deviations after which the kernel ends; what is cut off weighs 0.3 %."""

_SHARP = 1e-3
"""Standard deviation, in pixels, of a blur that changes no pixel and still divides."""


def blur(
    images: Float[Tensor, "batch 3 side side"],
    uniform: Float[Tensor, "batch 1"],
    strongest: float,
) -> Float[Tensor, "batch 3 side side"]:
    """Each image blurred with a standard deviation between 0 and `strongest` pixels.

    One depthwise convolution along the rows and one along the columns, with the images of the
    batch as channels. The kernel is as long as the strongest blur needs, whatever is drawn, so
    that an image does not depend on the batch it is in.
    """
    if not strongest:
        return images
    radius = math.ceil(_CUT * strongest)
    kernels = gaussian((uniform * strongest).to(images.dtype), radius).repeat_interleave(3, dim=0)
    channels = images.flatten(0, 1).unsqueeze(0)
    count = channels.shape[1]
    padded = F.pad(channels, (radius, radius, radius, radius), mode="reflect")
    along = F.conv2d(padded, kernels[:, None, None, :], groups=count)
    across = F.conv2d(along, kernels[:, None, :, None], groups=count)
    return across.view(images.shape)


def gaussian(deviation: Float[Tensor, "batch 1"], radius: int) -> Float[Tensor, "batch length"]:
    """Sampled bell curves that sum to 1, `2 radius + 1` long; at 0 a single 1."""
    places = torch.arange(-radius, radius + 1, dtype=deviation.dtype, device=deviation.device)
    weights = (-0.5 * (places / deviation.clamp(min=_SHARP)).square()).exp()
    return weights / weights.sum(1, keepdim=True)
