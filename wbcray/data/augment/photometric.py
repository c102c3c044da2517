"""What camera and lamp do to colour: brightness, contrast, channel gains, saturation, hue."""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from wbcray.core.config import AugmentConfig

# ITU-R BT.601: luma, and the two axes of colour of which hue is the angle (rows Y, I, Q).
_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))


def recolour(
    images: Float[Tensor, "batch 3 side side"],
    uniform: Float[Tensor, "batch 7"],
    config: AugmentConfig,
) -> Float[Tensor, "batch 3 side side"]:
    """Brightness, contrast about the image's mean, gains, saturation and hue; cut to [0, 1].

    All of it is one scale and shift of each channel, or one 3 x 3 matrix where saturation or hue
    mix the channels. `uniform` decides brightness, contrast, three gains, saturation and hue.
    """
    centred = uniform * 2 - 1
    brightness = (centred[:, 0] * config.brightness).view(-1, 1, 1, 1)
    contrast = (1 + centred[:, 1] * config.contrast).view(-1, 1, 1, 1)
    gain = (1 + centred[:, 2:5] * config.gain).view(-1, 3, 1, 1)
    # Of a lone image torch adds up shares of its threads, and rounds as in no batch of two.
    several = images if len(images) > 1 else images.expand(2, -1, -1, -1)
    mean = several.mean((1, 2, 3), keepdim=True)[: len(images)]
    # (x - mean) * contrast + mean + brightness, then the gain.
    factor, offset = contrast * gain, (mean * (1 - contrast) + brightness) * gain
    if not (config.saturation or config.hue):
        # Channel by channel, because a factor per channel cannot be vectorised across channels.
        return (images.contiguous() * factor).add_(offset).clamp_(0, 1)
    mixing = hue_and_saturation(
        hue=config.hue * centred[:, 6], saturation=1 + config.saturation * centred[:, 5]
    ).to(images.dtype)
    mixed = torch.baddbmm(
        mixing @ offset.flatten(2), mixing * factor.flatten(2).transpose(1, 2), images.flatten(2)
    )
    return mixed.clamp_(0, 1).view(images.shape)


def hue_and_saturation(
    *, hue: Float[Tensor, " batch"], saturation: Float[Tensor, " batch"]
) -> Float[Tensor, "batch 3 3"]:
    """Matrices that turn and stretch colour about grey, and keep the luma of every pixel.

    Saturation is torchvision's `adjust_saturation`. Hue is a rotation in the plane of I and Q and
    not in HSV, as torchvision's `adjust_hue` has it: a rotation is linear, and does not jump where
    the largest channel changes.

    Args:
        hue: Angle in degrees.
        saturation: 0 is grey, 1 changes nothing.
    """
    angle = torch.deg2rad(hue)
    cosine, sine = saturation * angle.cos(), saturation * angle.sin()
    zero, one = torch.zeros_like(cosine), torch.ones_like(cosine)
    rows = torch.stack([one, zero, zero, zero, cosine, -sine, zero, sine, cosine], dim=1)
    to_yiq, from_yiq = _yiq(rows.dtype, rows.device)
    return from_yiq @ rows.view(-1, 3, 3) @ to_yiq


@cache
def _yiq(dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """From RGB to Y, I, Q, and back; kept, because a GPU waits for such a copy."""
    with torch.inference_mode(mode=False):  # or no later gradient could pass through them
        there = torch.tensor(_YIQ, dtype=torch.float64)
        back: Tensor = torch.linalg.inv(there)
        return there.to(device, dtype), back.to(device, dtype)
