"""Logits adjusted by the class frequencies, in training or afterwards.

Menon et al., "Long-Tail Learning via Logit Adjustment", ICLR 2021,
https://arxiv.org/abs/2007.07314.
"""

from typing import Literal

import torch
from jaxtyping import Float, Int, Num
from torch import Tensor
from torch.nn import functional as F


def logit_adjustment(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    counts: Num[Tensor, " classes"],
    tau: float,
    *,
    reduction: Literal["mean", "none"] = "mean",
) -> Float[Tensor, "..."]:
    """Cross-entropy of the logits plus the logarithms of the class frequencies.

        loss = mean_i CE(logits_i + tau log pi),   pi_c = n_c / sum n,   used in training only

    Equal counts or tau 0 are plain cross-entropy, tau 1 is the balanced softmax. Counts serve as
    they are, since the softmax does not see their sum. Differs from the paper: a class without
    training images counts as if it had one.

    Args:
        logits: Logits of the batch.
        labels: Class of each image.
        counts: Images of each class: numbers of images, not shares, as a zero is taken as one.
        tau: Strength of the shift.
        reduction: `mean`, or `none` for the loss of each image.

    Returns:
        The mean, or the loss of each image for `none`; float32 (float64 for float64 logits), also
        under autocast.
    """
    with torch.autocast(device_type=logits.device.type, enabled=False):
        exact = logits if logits.dtype == torch.float64 else logits.float()
        shift = tau * _at_least_one_image(counts).log()
        return F.cross_entropy(exact + shift.to(exact.dtype), labels, reduction=reduction)


def post_hoc_shift(counts: Num[Tensor, " classes"], tau: float) -> Float[Tensor, " classes"]:
    """float64 [classes]: what is added to the logits of a network trained without adjustment.

        shift = -tau log pi,   pi_c = n_c / sum n

    The same for all classes where the counts are equal, so that no ranking changes. A class without
    training images counts as if it had one.
    """
    images = _at_least_one_image(counts)
    return -tau * (images / images.sum()).log()


def _at_least_one_image(counts: Num[Tensor, " classes"]) -> Float[Tensor, " classes"]:
    return torch.where(counts > 0, counts.double(), 1.0)
