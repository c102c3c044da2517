"""Cross-entropy weighted by inverse class frequency.

Japkowicz, "The Class Imbalance Problem: Significance and Strategies", IC-AI 2000; stated as here in
Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019,
https://arxiv.org/abs/1901.05555. Differs from MDLT (https://arxiv.org/abs/2203.09513), which counts
classes and averages losses within each domain: here counts are pooled over domains, and so is the
mean.
"""

from typing import final

from jaxtyping import Float, Int
from torch import Tensor

from wbcray.core.hyper import NoParams
from wbcray.methods.base import ClassificationLoss, TrainingFacts
from wbcray.methods.functional.reweight import (
    inverse_frequency_weights,
    over_mean_weight,
    reweight,
)


@final
class Reweight(ClassificationLoss):
    """Cross-entropy times `1 / n`, n the training images of the class."""

    citation = "japkowicz2000imbalance"
    formula = "w CE / mean of the batch's w, w ~ 1 / n"
    cost = "none beyond the logits"

    counts: Tensor

    def __init__(self, params: NoParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()
        self.register_buffer("counts", facts.class_counts)

    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,  # noqa: ARG002  # the loss does not change over training
    ) -> Float[Tensor, " batch"]:
        """Weighted loss of each image; the plain mean over the batch is the weighted mean."""
        losses = reweight(logits, labels, self.counts, 1.0, reduction="none")
        return over_mean_weight(losses, labels, inverse_frequency_weights(self.counts, 1.0))
