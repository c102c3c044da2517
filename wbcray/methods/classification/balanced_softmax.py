"""Balanced softmax: the class frequencies are added to the logits in training only.

Ren et al., "Balanced Meta-Softmax for Long-Tailed Visual Recognition", NeurIPS 2020,
https://arxiv.org/abs/2007.10740. Differs from the paper: its meta-sampler is left out. Differs from
MDLT (https://arxiv.org/abs/2203.09513), which counts classes within each domain: here they are
counted over all domains, as the sampler draws them, since that is the frequency a network learns.
So beside a sampler that balances the classes it is plain cross-entropy.
"""

from typing import final

from jaxtyping import Float, Int
from torch import Tensor

from wbcray.core.hyper import NoParams
from wbcray.methods.base import ClassificationLoss, TrainingFacts
from wbcray.methods.functional.balanced_softmax import balanced_softmax


@final
class BalancedSoftmax(ClassificationLoss):
    """Cross-entropy of `logits + log n`, n the images of each class as they are drawn."""

    citation = "ren2020balanced"
    formula = "CE(logits + log n)"
    cost = "none beyond the logits"

    counts: Tensor

    def __init__(self, params: NoParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()
        self.register_buffer("counts", facts.drawn_counts)

    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,  # noqa: ARG002  # the loss does not change over training
    ) -> Float[Tensor, " batch"]:
        """Loss of each image."""
        return balanced_softmax(logits, labels, self.counts, reduction="none")
