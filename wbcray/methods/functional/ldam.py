"""Cross-entropy with a margin that is larger for rarer classes (LDAM).

Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss", NeurIPS 2019,
https://arxiv.org/abs/1906.07413.
"""

from typing import Literal

import torch
from jaxtyping import Float, Int, Num
from torch import Tensor
from torch.nn import functional as F

from wbcray.methods.functional.reweight import weighted_cross_entropy


def ldam(  # noqa: PLR0913  # the formula has this many inputs
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    counts: Num[Tensor, " classes"],
    max_margin: float,
    scale: float,
    *,
    weights: Float[Tensor, " classes"] | None = None,
    reduction: Literal["mean", "none"] = "mean",
) -> Float[Tensor, "..."]:
    """Scaled cross-entropy after a margin is taken from the logit of the true class.

        m_c = max_margin (n_min / n_c)^(1/4);   loss = mean_i CE(scale (logits_i - m_(y_i) e_(y_i)))

    with n_min the images of the rarest class that has any. A max_margin of 0 and a scale of 1 are
    plain cross-entropy.

    Differs from the paper: the constant of its margins is `max_margin` at the rarest class, and
    logits are scaled, both as in the authors' code and in MDLT (https://arxiv.org/abs/2203.09513).
    For deferred re-weighting, give `weights`.

    Args:
        logits: Logits; in the paper cosines between features and classes.
        labels: Class of each image.
        counts: Training images per class.
        max_margin: Margin of the rarest class.
        scale: Factor of all logits.
        weights: Weight of each class; None weighs all images the same.
        reduction: `mean` or `none`.

    Returns:
        The mean (with `weights`, divided by the sum of the images' weights), or the loss of each
        image for `none`, times its weight; float32 (float64 for float64 logits), also under
        autocast.
    """
    with torch.autocast(device_type=logits.device.type, enabled=False):
        exact = logits if logits.dtype == torch.float64 else logits.float()
        margins = ldam_margins(counts, max_margin).to(exact.dtype)
        shifted = scale * (exact - margins * F.one_hot(labels, exact.shape[1]))
        if weights is None:
            return F.cross_entropy(shifted, labels, reduction=reduction)
        return weighted_cross_entropy(shifted, labels, weights, reduction=reduction)


def ldam_margins(counts: Num[Tensor, " classes"], max_margin: float) -> Float[Tensor, " classes"]:
    """float64 [classes]: the margin of each class; 0 where the count is 0."""
    inverse = torch.where(counts > 0, counts.double() ** -0.25, 0.0)
    return max_margin * inverse / inverse.max().clamp(min=torch.finfo(inverse.dtype).tiny)
