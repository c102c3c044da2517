"""LDAM with deferred re-weighting: larger margins for rarer classes, and weights in the end.

Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss", NeurIPS 2019,
https://arxiv.org/abs/1906.07413. Differs from the paper: a linear classifier by default, as in MDLT
(https://arxiv.org/abs/2203.09513), where the paper's classifier has unit weights and sees unit
features (`head=cosine`). Differs from MDLT, which counts classes and averages losses within each
domain and has no deferred re-weighting: here counts are pooled over domains, and so is the mean.
"""

from dataclasses import dataclass
from typing import cast, final

from jaxtyping import Float, Int
from torch import Tensor

from wbcray.core.hyper import choice, hyper
from wbcray.methods.base import ClassificationLoss, Head, TrainingFacts
from wbcray.methods.functional.class_balanced import class_balanced_weights
from wbcray.methods.functional.ldam import ldam
from wbcray.methods.functional.reweight import over_mean_weight


@dataclass(frozen=True, slots=True, kw_only=True)
class LdamParams:
    """Hyper-parameters of LDAM."""

    max_margin: float = hyper(0.5, 0.0, 10.0, help="margin of the rarest class")
    scale: float = hyper(30.0, 0.1, 1e3, log=True, help="factor of all logits in the loss")
    drw_start: float = hyper(
        0.8,
        0.0,
        1.0,
        help="share of training after which class-balanced weights join in; 1 leaves them out",
    )
    drw_beta: float = hyper(
        0.9999, 0.0, 0.999999, help="beta of the class-balanced weights; 0 makes them equal"
    )
    head: str = choice(
        "linear",
        ("linear", "cosine"),
        help="the classifier: linear, or cosines between features and classes as in the paper",
    )


@final
class Ldam(ClassificationLoss):
    """Cross-entropy of scaled logits after a margin `~ n^(-1/4)` is taken from the true class's.

    From `drw_start` on, losses are weighted as in the class-balanced loss.
    """

    citation = "cao2019ldam"
    formula = (
        "w CE(scale (logits - m_y e_y)), m = max_margin (n_min / n)^(1/4); w = 1 until drw_start"
    )
    cost = "none beyond the logits"
    Params = LdamParams

    counts: Tensor

    def __init__(self, params: LdamParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        self.register_buffer("counts", facts.class_counts)

    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,
    ) -> Float[Tensor, " batch"]:
        """Loss of each image; the plain mean over the batch is the (weighted) mean."""
        margin, scale = self.params.max_margin, self.params.scale
        if progress < self.params.drw_start or self.params.drw_start == 1.0:
            return ldam(logits, labels, self.counts, margin, scale, reduction="none")
        weights = class_balanced_weights(self.counts, self.params.drw_beta)
        losses = ldam(logits, labels, self.counts, margin, scale, weights=weights, reduction="none")
        return over_mean_weight(losses, labels, weights)

    @classmethod
    def head(cls, params: LdamParams) -> Head:
        """What `params.head` says."""
        return cast(Head, params.head)  # `choice` admits no other value
