"""Logit adjustment after training: the class frequencies are taken out of the classifier's bias.

Menon et al., "Long-Tail Learning via Logit Adjustment", ICLR 2021,
https://arxiv.org/abs/2007.07314, section 4.1. Differs from the paper: a class without training
images counts as if it had one.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import nn

from wbcray.core.hyper import hyper
from wbcray.methods.base import FeatureTable, Finish, TrainingFacts
from wbcray.methods.functional.logit_adjustment import post_hoc_shift


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitAdjustmentParams:
    """Hyper-parameters of logit adjustment after training."""

    tau: float = hyper(1.0, 0.0, 10.0, help="strength; 0 leaves the classifier alone")


@final
class LogitAdjustment(Finish):
    """Subtracts `tau log pi` from the bias, pi the frequency of each class in training.

    Frequencies are those of the training images, pooled over domains. Meant for a network that has
    learnt them: a balancing loss or sampler has taken them out already.
    """

    citation = "menon2021longtail"
    formula = "bias - tau log pi, pi = n / sum of n"
    cost = "none"
    Params = LogitAdjustmentParams
    linear_only = True

    def __init__(self, params: LogitAdjustmentParams, facts: TrainingFacts) -> None:
        self.params = params
        self.counts = facts.class_counts

    def fit(
        self,
        head: nn.Linear,
        table: FeatureTable | None,  # noqa: ARG002  # the common signature
        *,
        seed: int,  # noqa: ARG002  # the common signature
    ) -> nn.Linear:
        """A new head of the device and type of `head`; it has a bias even if `head` has none."""
        weight = head.weight
        with torch.inference_mode(mode=False), torch.no_grad():
            shift = post_hoc_shift(self.counts, self.params.tau).to(weight.device)
            old = head.state_dict().get("bias", torch.zeros_like(shift)).double()
            adjusted: nn.Linear = nn.utils.skip_init(
                nn.Linear,
                head.in_features,
                head.out_features,
                device=weight.device,
                dtype=weight.dtype,
            )
            adjusted.weight.copy_(weight)
            adjusted.bias.copy_(old + shift)
        return adjusted.train(head.training)
