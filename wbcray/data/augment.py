"""Augmentation of a whole batch at once, on the device: orientation and colour.

Cells have no up or left, so all eight orientations of the square are equally likely. Colour moves
by brightness, contrast and a gain per channel. Differs from DomainBed's recipe (random resized
crop, flip, colour jitter, grayscale): no crop, because size tells classes apart here.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

_ORIENTATIONS = 8
COLUMNS = 6
"""Uniform numbers an image needs: orientation, brightness, contrast, three gains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """Largest change, on pixel values in [0, 1]."""

    brightness: float = 0.10
    contrast: float = 0.20
    gain: float = 0.10


def augment(
    images: Float[Tensor, "batch 3 side side"],
    uniform: Float[Tensor, "batch 6"],
    strength: Strength,
) -> Float[Tensor, "batch 3 side side"]:
    """The images turned and recoloured; `uniform` in [0, 1) decides everything."""
    centred = uniform[:, 1:] * 2 - 1
    brightness = (centred[:, 0] * strength.brightness).view(-1, 1, 1, 1)
    contrast = (1 + centred[:, 1] * strength.contrast).view(-1, 1, 1, 1)
    gain = (1 + centred[:, 2:] * strength.gain).view(-1, 3, 1, 1)
    mean = images.mean((1, 2, 3), keepdim=True)
    # One fused scale and shift: (x - mean) * contrast + mean + brightness, then the gain.
    coloured = images * (contrast * gain) + (mean * (1 - contrast) + brightness) * gain
    return _orient(coloured.clamp_(0, 1), (uniform[:, 0] * _ORIENTATIONS).long())


def _orient(
    images: Float[Tensor, "batch 3 side side"], orientation: Tensor
) -> Float[Tensor, "batch 3 side side"]:
    """Each image in one of the eight orientations of a square."""
    turned = torch.empty_like(images)
    for number in range(_ORIENTATIONS):
        chosen = orientation == number
        part = torch.rot90(images[chosen], number % 4, (2, 3))
        turned[chosen] = part.flip(3) if number >= _ORIENTATIONS // 2 else part
    return turned
