"""Logit adjustment in training: the class frequencies, to a power, are added to the logits.

Menon et al., "Long-Tail Learning via Logit Adjustment", ICLR 2021,
https://arxiv.org/abs/2007.07314. Differs from the paper: a class without training images counts as
if it had one, and frequencies are those with which the sampler draws, over all domains. The
adjustment after training is the finish `logit_adjustment`; both together adjust twice.
"""

from dataclasses import dataclass
from typing import final

from jaxtyping import Float, Int
from torch import Tensor

from wbcray.core.hyper import hyper
from wbcray.methods.base import ClassificationLoss, TrainingFacts
from wbcray.methods.functional.logit_adjustment import logit_adjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitAdjustmentParams:
    """Hyper-parameters of logit adjustment."""

    tau: float = hyper(1.0, 0.0, 10.0, help="strength; 0 is cross-entropy, 1 the balanced softmax")


@final
class LogitAdjustment(ClassificationLoss):
    """Cross-entropy of `logits + tau log pi`, pi the frequency with which a class is drawn."""

    citation = "menon2021longtail"
    formula = "CE(logits + tau log pi), pi = n / sum of n"
    cost = "none beyond the logits"
    Params = LogitAdjustmentParams

    counts: Tensor

    def __init__(self, params: LogitAdjustmentParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        self.register_buffer("counts", facts.drawn_counts)

    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,  # noqa: ARG002  # the loss does not change over training
    ) -> Float[Tensor, " batch"]:
        """Loss of each image."""
        return logit_adjustment(logits, labels, self.counts, self.params.tau, reduction="none")
