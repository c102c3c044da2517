"""Cross-entropy that fades for images that are already well classified.

Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, https://arxiv.org/abs/1708.02002.
"""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


def focal(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    gamma: float,
    *,
    reduction: Literal["mean", "none"] = "mean",
) -> Float[Tensor, "..."]:
    """Cross-entropy times a power of the probability that is missing.

        loss = mean_i (1 - p_i)^gamma * (-log p_i),   p_i the softmax probability of the true class

    Gamma 0 is plain cross-entropy.

    Differs from the paper: softmax over many classes in place of one sigmoid per anchor, without
    the weight alpha, and the mean over images. All are as in MDLT
    (https://arxiv.org/abs/2203.09513), whose gradient is NaN where p rounds to 1 and gamma < 1;
    here it is zero.

    Returns:
        The mean, or the loss of each image for `none`; float32 (float64 for float64 logits), also
        under autocast.
    """
    with torch.autocast(device_type=logits.device.type, enabled=False):
        exact = logits if logits.dtype == torch.float64 else logits.float()
        entropies = F.cross_entropy(exact, labels, reduction="none")
        # The slope of x^gamma at 0 is infinite for gamma < 1, and 1 - exp(-x) has no digits there.
        missing = -torch.expm1(-entropies.clamp(min=torch.finfo(exact.dtype).tiny))
        losses = missing**gamma * entropies
        return losses.mean() if reduction == "mean" else losses
