"""The style of feature maps, mean and deviation of every channel, and how two are mixed (MixStyle).

Zhou, Yang, Qiao & Xiang, "Domain Generalization with MixStyle", ICLR 2021,
https://arxiv.org/abs/2104.02008.
"""

import torch
from jaxtyping import Float
from torch import Tensor

_EPSILON = 1e-6
"""Added to a variance before its root is taken, as in the authors' code."""


def channel_style(
    maps: Float[Tensor, "rows channels height width"],
) -> Float[Tensor, "rows 2 channels"]:
    """Mean and sqrt(variance + 1e-6) of every channel over its pixels; constants.

    The variance is the unbiased one (n - 1), as in the authors' code; that of one pixel is 0.

    Returns:
        float32 (float64 for float64 maps), also under autocast.
    """
    with torch.no_grad(), torch.autocast(device_type=maps.device.type, enabled=False):
        unbiased = int(maps.shape[2] * maps.shape[3] > 1)
        variance, mean = torch.var_mean(_exact(maps), dim=(2, 3), correction=unbiased)
        return torch.stack([mean, (variance + _EPSILON).sqrt()], dim=1)


def with_mixed_style(
    maps: Float[Tensor, "rows channels height width"],
    partner_style: Float[Tensor, "rows 2 channels"],
    share: Float[Tensor, " rows"],
) -> Float[Tensor, "rows channels height width"]:
    """Each row's maps in a mixture of its own style and that of a partner.

        m' = share * m + (1 - share) * m of the partner; the deviation d' likewise
        result = (x - m) / d * d' + m'

    Computed as x * d' / d + (m' - m * d' / d), one operation on the maps, so that a share of 1
    gives them back bit by bit. Styles are constants: gradient reaches the maps by d' / d only.

    Args:
        maps: Feature maps.
        partner_style: `channel_style` of the partners.
        share: What stays of a row's own style.

    Returns:
        Maps of the type of `maps`; computed in float32 (float64 for float64 maps).
    """
    own = channel_style(maps)
    with torch.autocast(device_type=maps.device.type, enabled=False):
        kept = share.detach().to(own.dtype)[:, None, None]
        mixed = kept * own + (1 - kept) * partner_style.detach()
        ratio = mixed[:, 1] / own[:, 1]
        shift = mixed[:, 0] - own[:, 0] * ratio
        moved = torch.addcmul(_over_pixels(shift), _exact(maps), _over_pixels(ratio))
        return moved.to(maps.dtype)


def _over_pixels(values: Float[Tensor, "rows channels"]) -> Float[Tensor, "rows channels 1 1"]:
    return values[:, :, None, None]


def _exact(
    maps: Float[Tensor, "rows channels height width"],
) -> Float[Tensor, "rows channels height width"]:
    return maps if maps.dtype == torch.float64 else maps.float()
