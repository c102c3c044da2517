"""Cross-entropy weighted by the effective number of images of each class.

Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019,
https://arxiv.org/abs/1901.05555.
"""

import math
from typing import Literal

import torch
from jaxtyping import Float, Int, Num
from torch import Tensor

from wbcray.methods.functional.reweight import normalized_weights, weighted_cross_entropy


def class_balanced(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    counts: Num[Tensor, " classes"],
    beta: float,
    *,
    reduction: Literal["mean", "none"] = "mean",
) -> Float[Tensor, "..."]:
    """Cross-entropy weighted by the inverse effective number of images.

        w_c ~ (1 - beta) / (1 - beta^n_c) with sum C;   loss = sum_i w_(y_i) CE_i / sum_i w_(y_i)

    Beta 0 is plain cross-entropy, beta towards 1 weighs by inverse frequency.

    Differs from MDLT (https://arxiv.org/abs/2203.09513) and SubpopBench
    (https://arxiv.org/abs/2302.12254): both take a class whose `1 - beta^n` rounds to 1 for a class
    without images and give it weight 0, so that large classes are not learnt (from 3725 images on
    for beta 0.99). SubpopBench also divides by the number of images in place of the sum of their
    weights, which is the mean of `none`.

    Returns:
        The weighted mean, or `w_i CE_i` of each image for `none`; float32 (float64 for float64
        logits), also under autocast. Zero where no image has a class with training images.
    """
    weights = class_balanced_weights(counts, beta)
    return weighted_cross_entropy(logits, labels, weights, reduction=reduction)


def class_balanced_weights(
    counts: Num[Tensor, " classes"], beta: float
) -> Float[Tensor, " classes"]:
    """float64 [classes]: inverse effective numbers with sum `classes`; 0 where the count is 0.

    Args:
        counts: Training images per class.
        beta: From 0 (equal weights) to 1 (inverse frequencies, the limit).
    """
    exact = counts.double()
    if beta == 1.0:
        return normalized_weights(1 / exact, counts)
    logarithm = math.log(beta) if beta > 0 else -math.inf
    # 1 - beta^n without the rounding that hides small n near beta = 1; (1 - beta) cancels.
    return normalized_weights(-1 / torch.expm1(exact * logarithm), counts)
