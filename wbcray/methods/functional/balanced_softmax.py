"""Cross-entropy of a softmax that knows how frequent the classes are.

Ren et al., "Balanced Meta-Softmax for Long-Tailed Visual Recognition", NeurIPS 2020,
https://arxiv.org/abs/2007.10740.
"""

from typing import Literal

from jaxtyping import Float, Int, Num
from torch import Tensor

from wbcray.methods.functional.logit_adjustment import logit_adjustment


def balanced_softmax(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    counts: Num[Tensor, " classes"],
    *,
    reduction: Literal["mean", "none"] = "mean",
) -> Float[Tensor, "..."]:
    """Cross-entropy of the logits plus the logarithms of the class frequencies.

        loss = mean_i CE(logits_i + log n),   used in training only

    Equal counts are plain cross-entropy. Differs from the paper: its meta-sampler is left out. A
    class without training images counts as if it had one, as in MDLT
    (https://arxiv.org/abs/2203.09513); SubpopBench (https://arxiv.org/abs/2302.12254) adds minus
    infinity there.

    Args:
        logits: Logits of the batch.
        labels: Class of each image.
        counts: Images of each class: numbers of images, not shares, as a zero is taken as one.
        reduction: `mean`, or `none` for the loss of each image.

    Returns:
        The mean, or the loss of each image for `none`; float32 (float64 for float64 logits), also
        under autocast.
    """
    return logit_adjustment(logits, labels, counts, 1.0, reduction=reduction)
