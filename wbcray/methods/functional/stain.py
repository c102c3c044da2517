"""Stain as physics: what a dye absorbs adds up in optical density (Beer-Lambert).

A pixel is background times exp(-density), and density is amount of dye times what it absorbs of
each channel; so a slide that was stained longer has its densities multiplied.
Ruifrok & Johnston, "Quantification of histochemical staining by color deconvolution", Analytical
and Quantitative Cytology and Histology 23, 2001.
"""

import torch
from jaxtyping import Float
from torch import Tensor

DARKEST = 1 / 255
"""Pixels are taken to be at least this bright: the logarithm of black is not finite."""

_BRIGHT_SHARE = 0.95
_GRID = 32


def background_of(images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3"]:
    """The colour of empty glass: the 95th percentile of each channel of each image.

    Taken on a grid of at most 63 x 63 pixels, because sorting all of them would take longer than
    the rest of an augmentation. Not the maximum, which is set by glare and noise.
    """
    down, right = (max(1, length // _GRID) for length in images.shape[2:])
    seen = images[:, :, down // 2 :: down, right // 2 :: right].flatten(2)
    rank = max(1, round(_BRIGHT_SHARE * seen.shape[2]))
    return seen.kthvalue(rank, dim=2).values.clamp(min=DARKEST)


def restain(
    images: Float[Tensor, "batch 3 height width"],
    *,
    density_change: Float[Tensor, "batch 3 3"],
    background: Float[Tensor, "batch 3"],
    new_background: Float[Tensor, "batch 3"],
) -> Float[Tensor, "batch 3 height width"]:
    """Images whose optical densities d = -log(x / background) have become `density_change` d.

    One logarithm, one product with a matrix and one exponential: with c = -density_change,

        x' = new_background exp(c d) = exp(density_change log x + rest)

    where the rest is the same for all pixels of an image.

    Args:
        images: RGB in [0, 1].
        density_change: Row i says what becomes of the density of channel i.
        background: The colour of empty glass in `images`, above 0.
        new_background: What it is to become, above 0.

    Returns:
        New images, cut to [0, 1].
    """
    before, after = background.log().unsqueeze(2), new_background.log().unsqueeze(2)
    rest = torch.baddbmm(after, density_change, before, alpha=-1)
    logarithm = images.clamp(min=DARKEST).log_().flatten(2)
    changed = torch.baddbmm(rest, density_change, logarithm)
    return changed.exp_().clamp_(max=1).view(images.shape)
