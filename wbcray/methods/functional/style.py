"""Style and content of feature vectors, and how either is randomised (SagNet).

Nam, Lee, Park, Yoon & Yoo, "Reducing Domain Gap by Reducing Style Bias", CVPR 2021,
https://arxiv.org/abs/1910.11645.

The style of a feature vector is its mean and variance over the dimensions; its content is what is
left when both are taken out: (x - mean) / sqrt(var + eps). Differs from the paper, where styles are
the moments of each channel of a feature map, as DomainBed (https://arxiv.org/abs/2007.01434) does.
Differs from DomainBed: a feature vector of one dimension has variance 0 in place of NaN.

All of it is computed in float32 (float64 for float64 features), also under autocast.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

_EPSILON = 1e-5
"""Added to a variance before its root is taken, as in DomainBed."""


def style_of(features: Float[Tensor, "rows dim"]) -> Float[Tensor, "rows 2"]:
    """Mean and unbiased variance of each row over its dimensions."""
    with torch.autocast(device_type=features.device.type, enabled=False):
        exact = _exact(features)
        mean = exact.mean(dim=1, keepdim=True)
        squares = (exact - mean).square().sum(dim=1, keepdim=True)
        return torch.cat([mean, squares / max(exact.shape[1] - 1, 1)], dim=1)


def randomize_style(
    features: Float[Tensor, "rows dim"],
    partner_style: Float[Tensor, "rows 2"],
    share: Float[Tensor, " rows"],
) -> Float[Tensor, "rows dim"]:
    """Each row's content in a mixture of its own style and that of a partner.

        mean' = share * mean + (1 - share) * mean of the partner; var' likewise
        result = (x - mean) / sqrt(var + eps) * sqrt(var' + eps) + mean'

    A share of 1 gives the row back. Gradient reaches the row and the partner's style.

    Args:
        features: Feature vectors.
        partner_style: `style_of` the partners.
        share: What stays of a row's own style.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        exact, own = _exact(features), style_of(features)
        kept = share.to(exact.dtype)[:, None]
        return _styled(_content(exact, own), kept * own + (1 - kept) * partner_style)


def randomize_content(
    features: Float[Tensor, "rows dim"], partner: Int[Tensor, " rows"]
) -> Float[Tensor, "rows dim"]:
    """The content of each row's partner in the row's own style.

        result = (x_p - mean_p) / sqrt(var_p + eps) * sqrt(var + eps) + mean

    Gradient reaches the row's style only; the content is a constant.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        exact, own = _exact(features), style_of(features)
        return _styled(_content(exact, own)[partner].detach(), own)


def _content(
    features: Float[Tensor, "rows dim"], style: Float[Tensor, "rows 2"]
) -> Float[Tensor, "rows dim"]:
    return (features - style[:, :1]) / (style[:, 1:] + _EPSILON).sqrt()


def _styled(
    content: Float[Tensor, "rows dim"], style: Float[Tensor, "rows 2"]
) -> Float[Tensor, "rows dim"]:
    return content * (style[:, 1:] + _EPSILON).sqrt() + style[:, :1]


def _exact(features: Float[Tensor, "rows dim"]) -> Float[Tensor, "rows dim"]:
    return features if features.dtype == torch.float64 else features.float()
