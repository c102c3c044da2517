"""Cross-entropy weighted by the effective number of images of each class.

Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019,
https://arxiv.org/abs/1901.05555. Differs from MDLT (https://arxiv.org/abs/2203.09513), which counts
classes and averages losses within each domain: here counts are pooled over domains, and so is the
mean. No class that has images gets weight 0, see `methods/functional/class_balanced.py`.
"""

from dataclasses import dataclass
from typing import final

from jaxtyping import Float, Int
from torch import Tensor

from wbcray.core.hyper import hyper
from wbcray.methods.base import ClassificationLoss, TrainingFacts
from wbcray.methods.functional.class_balanced import class_balanced, class_balanced_weights
from wbcray.methods.functional.reweight import over_mean_weight


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassBalancedParams:
    """Hyper-parameters of the class-balanced loss.

    The distance of beta from 1, since a search has to tell 0.999 from 0.9999, and that is even on a
    logarithmic scale of the distance only.
    """

    one_minus_beta: float = hyper(
        1e-4,
        1e-6,
        0.1,
        log=True,
        help="1 - beta: 0.1 weighs classes of more than some forty images alike, 1e-6 by their "
        "inverse frequency; the paper's beta 0.9999 is 1e-4",
    )


@final
class ClassBalanced(ClassificationLoss):
    """Cross-entropy times `(1 - beta) / (1 - beta^n)`, n the training images of the class."""

    citation = "cui2019classbalanced"
    formula = "w CE / mean of the batch's w, w ~ (1 - beta) / (1 - beta^n)"
    cost = "none beyond the logits"
    Params = ClassBalancedParams

    counts: Tensor

    def __init__(self, params: ClassBalancedParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.beta = 1 - params.one_minus_beta
        self.register_buffer("counts", facts.class_counts)

    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,  # noqa: ARG002  # the loss does not change over training
    ) -> Float[Tensor, " batch"]:
        """Weighted loss of each image; the plain mean over the batch is the weighted mean."""
        losses = class_balanced(logits, labels, self.counts, self.beta, reduction="none")
        return over_mean_weight(losses, labels, class_balanced_weights(self.counts, self.beta))
