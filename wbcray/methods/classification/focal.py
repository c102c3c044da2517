"""Focal loss: cross-entropy that fades for images that are already well classified.

Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, https://arxiv.org/abs/1708.02002.
Differs from the paper as MDLT does, see `methods/functional/focal.py`; so does the default gamma
of 1, where the paper has 2.
"""

from dataclasses import dataclass
from typing import final

from jaxtyping import Float, Int
from torch import Tensor

from wbcray.core.hyper import hyper
from wbcray.methods.base import ClassificationLoss, TrainingFacts
from wbcray.methods.functional.focal import focal


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalParams:
    """Hyper-parameters of the focal loss."""

    gamma: float = hyper(
        1.0, 0.0, 10.0, help="how fast well classified images fade; 0 is cross-entropy"
    )


@final
class Focal(ClassificationLoss):
    """Cross-entropy times `(1 - p)^gamma`, p the probability of the true class."""

    citation = "lin2017focal"
    formula = "(1 - p)^gamma * (-log p), p = softmax(logits)[label]"
    cost = "none beyond the logits"
    Params = FocalParams

    def __init__(self, params: FocalParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()
        self.params = params

    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,  # noqa: ARG002  # the loss does not change over training
    ) -> Float[Tensor, " batch"]:
        """Loss of each image."""
        return focal(logits, labels, self.params.gamma, reduction="none")
