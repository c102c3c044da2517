"""Fishr: the classifier's gradients vary as much over the images of every source domain.

Rame, Dancette & Cord, "Fishr: Invariant Gradient Variances for Out-of-Distribution Generalization",
ICML 2022, https://arxiv.org/abs/2109.02934. Differs from the paper as DomainBed
(https://arxiv.org/abs/2007.01434) does, see `methods/functional/fishr.py`; the moving average is
DomainBed's. Differs from DomainBed: closed form in place of a gradient per image; the weight is
zero for a share of training in place of a number of steps; the optimizer is not reset when the
weight jumps; a domain that a step holds less than two images of keeps its average and is left out.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from wbcray.core.hyper import hyper
from wbcray.methods.base import LossTerms, Outputs, Penalty, Targets, TrainingFacts, detached
from wbcray.methods.functional.fishr import gradient_variances, variance_gap


@dataclass(frozen=True, slots=True, kw_only=True)
class FishrParams:
    """Hyper-parameters of Fishr."""

    weight: float = hyper(
        1000.0, 1e-2, 1e6, log=True, help="weight of the distance of the gradient variances"
    )
    anneal: float = hyper(0.3, 0.0, 1.0, help="share of training before the loss is added")
    ema: float = hyper(
        0.95, 0.0, 0.999, help="what a step leaves of the variances of the steps before"
    )


@final
class Fishr(Penalty):
    """`weight` times the distance of the domains' averaged gradient variances.

    The average is sum_k ema^k Var_(t-k), not divided by 1 / (1 - ema), so that the gradient of the
    step's own variances does not depend on `ema`: it is the raw variance in the first step and
    grows to 1 / (1 - ema) times that. It takes in every step, those before `anneal` too.

    The gradients are those of a linear classifier under softmax cross-entropy, whatever loss and
    classifier are trained; where features are mixed, they pair plain features with mixed logits.
    """

    citation = "rame2022fishr"
    formula = "weight * mean over domains e, entries [ (V_e - mean V)^2 ], V_e = Var_e + ema * V_e"
    cost = "two small matrix products in float64 in the loss and after the step"
    Params = FishrParams
    needs_domains = 2

    averages: Tensor
    """float64 [domains, classes * (dim + 1)]: V of the last step; zero before the first."""

    def __init__(self, params: FishrParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        domains, classes = facts.counts.shape
        entries = classes * (facts.feature_dim + 1)
        self.register_buffer("averages", torch.zeros(domains, entries, dtype=torch.float64))

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """Zero before `anneal`, and where fewer than two domains have two images."""
        gap = self.averages.new_zeros(())
        if progress >= self.params.anneal:
            gap = variance_gap(*self._averaged(outputs, targets))
        loss = gap if outputs.features.dtype == torch.float64 else gap.float()
        return LossTerms(self.params.weight * loss, detached(fishr=loss))

    @torch.no_grad()
    def observe(self, outputs: Outputs, targets: Targets) -> None:
        """Take the step into the averages of the domains that it held two images of."""
        averaged, known = self._averaged(outputs, targets)
        self.averages.copy_(torch.where(known[:, None], averaged, self.averages))

    def _averaged(
        self, outputs: Outputs, targets: Targets
    ) -> tuple[Float[Tensor, "domains entries"], Bool[Tensor, " domains"]]:
        variances, known = gradient_variances(
            outputs.features,
            outputs.logits,
            targets.labels,
            targets.domains,
            groups=len(self.averages),
        )
        return variances + self.params.ema * self.averages, known
