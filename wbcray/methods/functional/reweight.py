"""Cross-entropy with a weight per class: inverse frequencies, or any weights.

Japkowicz, "The Class Imbalance Problem: Significance and Strategies", IC-AI 2000; inverse and
inverse square-root frequencies stated as here in Cui et al., "Class-Balanced Loss Based on
Effective Number of Samples", CVPR 2019, https://arxiv.org/abs/1901.05555.
"""

from typing import Literal

import torch
from jaxtyping import Float, Int, Num
from torch import Tensor
from torch.nn import functional as F


def reweight(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    counts: Num[Tensor, " classes"],
    exponent: float,
    *,
    reduction: Literal["mean", "none"] = "mean",
) -> Float[Tensor, "..."]:
    """Cross-entropy weighted by a power of the inverse class frequencies.

        w_c ~ n_c^-exponent with sum C;   loss = sum_i w_(y_i) CE_i / sum_i w_(y_i)

    Exponent 1 is inverse, 0.5 inverse square-root frequency, 0 plain cross-entropy.

    Differs from MDLT (https://arxiv.org/abs/2203.09513) in nothing for one domain; a class without
    training images has weight 0 in both. SubpopBench (https://arxiv.org/abs/2302.12254) divides by
    the number of images in place of the sum of their weights, which is the mean of `none`.

    Returns:
        The weighted mean, or `w_i CE_i` of each image for `none`; float32 (float64 for float64
        logits), also under autocast. Zero where no image has a class with training images.
    """
    weights = inverse_frequency_weights(counts, exponent)
    return weighted_cross_entropy(logits, labels, weights, reduction=reduction)


def inverse_frequency_weights(
    counts: Num[Tensor, " classes"], exponent: float
) -> Float[Tensor, " classes"]:
    """float64 [classes]: `counts^-exponent` with sum `classes`; 0 where the count is 0."""
    return normalized_weights(counts.double() ** -exponent, counts)


def normalized_weights(
    raw: Float[Tensor, " classes"], counts: Num[Tensor, " classes"]
) -> Float[Tensor, " classes"]:
    """`raw` over the classes with training images, scaled to sum `classes`; 0 for the others."""
    kept = torch.where(counts > 0, raw, torch.zeros_like(raw))
    # Multiplied first: where no class has images, zero over tiny is zero.
    return kept * len(kept) / kept.sum().clamp(min=torch.finfo(kept.dtype).tiny)


def weighted_cross_entropy(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    weights: Float[Tensor, " classes"],
    *,
    reduction: Literal["mean", "none"] = "mean",
) -> Float[Tensor, "..."]:
    """Cross-entropy with the weight of each image's class.

    PyTorch's function, but zero in place of NaN where all weights of the batch are zero.

    Returns:
        The mean weighted by the weights, or `w_i CE_i` of each image for `none`.
    """
    with torch.autocast(device_type=logits.device.type, enabled=False):
        exact = logits if logits.dtype == torch.float64 else logits.float()
        losses = F.cross_entropy(exact, labels, weight=weights.to(exact.dtype), reduction="none")
        return losses if reduction == "none" else over_mean_weight(losses, labels, weights).mean()


def over_mean_weight(
    losses: Float[Tensor, " batch"],
    labels: Int[Tensor, " batch"],
    weights: Float[Tensor, " classes"],
) -> Float[Tensor, " batch"]:
    """Weighted losses over the mean weight of the batch: their plain mean is the weighted mean."""
    mean = weights.to(losses.dtype)[labels].mean()
    return losses / mean.clamp(min=torch.finfo(losses.dtype).tiny)
