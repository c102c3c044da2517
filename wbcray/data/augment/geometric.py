"""Where an image lies: its orientation, and a small affine map.

Smears have no up or left, so all eight orientations of the square are equally likely.
"""

from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from wbcray.core.config import AugmentConfig

_ORIENTATIONS = 8


def orient(
    images: Float[Tensor, "batch 3 side side"], uniform: Float[Tensor, "batch 1"]
) -> Float[Tensor, "batch 3 side side"]:
    """Each image in one of the eight orientations of a square, pixel for pixel.

    One gathering by a table: a loop over the orientations would make a GPU finish all its work
    each time, to hear which images are turned so.
    """
    number = (uniform[:, 0] * _ORIENTATIONS).long()
    sources = _sources(images.shape[-1], images.device)[number].unsqueeze(1).expand(-1, 3, -1)
    return images.flatten(2).gather(2, sources).view(images.shape)


@cache
def _sources(side: int, device: torch.device) -> Int[Tensor, "8 pixels"]:
    """Where the pixels of each orientation come from; from 4 on they are mirrored."""
    places = torch.arange(side * side, device=device).view(side, side)
    turned = [torch.rot90(places, quarter) for quarter in range(_ORIENTATIONS // 2)]
    return torch.stack([*turned, *(square.flip(1) for square in turned)]).flatten(1)


def warp(
    images: Float[Tensor, "batch 3 side side"],
    uniform: Float[Tensor, "batch 5"],
    config: AugmentConfig,
) -> Float[Tensor, "batch 3 side side"]:
    """Each image sheared, magnified, rotated about its middle and shifted, in this order.

    What comes in at the borders is the image reflected there: a border of one colour would tell
    the network how far an image was moved. `uniform` decides rotation, two shifts, magnification
    and shear. Images come back as they are, untouched, where the configuration has none of these.
    """
    if not (config.rotation or config.translation or config.scale or config.shear):
        return images
    centred = uniform * 2 - 1
    angle = torch.deg2rad(config.rotation * centred[:, 0])
    shear = -torch.deg2rad(config.shear * centred[:, 4]).tan()
    cosine, sine = angle.cos(), angle.sin()
    # The grid asks for each new pixel where it comes from: the inverse of the map.
    rows = torch.stack([cosine + shear * sine, sine - shear * cosine, -sine, cosine], dim=1)
    inverse = rows.view(-1, 2, 2) / (config.scale * centred[:, 3]).exp().view(-1, 1, 1)
    # Coordinates of the grid run from -1 to 1, so a side is 2 long.
    shift = (2 * config.translation * centred[:, 1:3]).unsqueeze(2)
    origin = -(inverse * shift.transpose(1, 2)).sum(2, keepdim=True)
    theta = torch.cat([inverse, origin], dim=2).to(images.dtype)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
