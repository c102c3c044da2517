"""Logit adjustment after training: the class frequencies are taken out of the classifier's bias.

Menon et al., "Long-Tail Learning via Logit Adjustment", ICLR 2021,
https://arxiv.org/abs/2007.07314, section 4.1. Differs from the paper: a class without training
images counts as if it had one, and frequencies are those with which the sampler draws.
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
    """Subtracts `tau log pi` from the bias, pi the frequency with which a class is drawn.

    Meant for a network that has learnt these frequencies: a balancing loss has taken them out
    already. Beside a sampler that balances the classes there is nothing to subtract.
    """

    citation = "menon2021longtail"
    formula = "bias - tau log pi, pi = n / sum of n"
    cost = "none"
    Params = LogitAdjustmentParams
    linear_only = True

    def __init__(self, params: LogitAdjustmentParams, facts: TrainingFacts) -> None:
        self.params = params
        self.counts = facts.drawn_counts

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
