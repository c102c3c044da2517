"""Group DRO: domains with a higher risk gain weight from step to step.

Sagawa et al., "Distributionally Robust Neural Networks for Group Shifts", ICLR 2020,
https://arxiv.org/abs/1911.08731. Differs from the paper: groups are domains, all domains of a batch
are updated at once as in DomainBed (https://arxiv.org/abs/2007.01434), and a domain that a batch
lacks keeps its weight. The paper renormalises over all groups, so that a domain would lose weight
by being absent.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

from wbcray.core.hyper import hyper
from wbcray.methods.base import DomainRisk, TrainingFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDroParams:
    """Hyper-parameters of group DRO."""

    eta: float = hyper(
        1e-2, 0.0, 10.0, help="step size of the weights; 0 is the mean of the domains' means"
    )


@final
class GroupDro(DomainRisk):
    """The domains' mean losses, weighted by `q`; `q` grows by `exp(eta * risk)` in every step.

    The weights of a step already know its risks, as in DomainBed. They start equal over the domains
    with training images. In a batch that lacks domains, the weights of the others are scaled to
    sum 1; a batch of one domain costs its mean loss and moves no weight.
    """

    citation = "sagawa2020distributionally"
    formula = "sum over domains of q R, q ~ q exp(eta R) in every step"
    cost = "one weight per domain"
    Params = GroupDroParams
    needs_domains = 2

    log_q: Tensor
    """float64 [domains]: minus infinity without training images."""

    def __init__(self, params: GroupDroParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        sources = (facts.counts.sum(dim=1) > 0).double()
        self.register_buffer("log_q", (sources / sources.sum()).log())

    def forward(
        self, losses: Float[Tensor, " batch"], domains: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The weighted sum of the risks; gradient does not pass through the weights."""
        risks, present = self._risks(losses, domains)
        # Zero, not NaN, for a batch without any image of a source domain.
        weights = self._log_weights(risks.detach(), present).exp() * present
        return (weights.to(risks.dtype) * risks).sum()

    def observe(self, losses: Float[Tensor, " batch"], domains: Int[Tensor, " batch"]) -> None:
        """Keep the weights of this step; the domains of the batch share the sum they had."""
        risks, present = self._risks(losses.detach(), domains)
        had = torch.where(present, self.log_q, -torch.inf).logsumexp(dim=0)
        self.log_q.copy_(torch.where(present, self._log_weights(risks, present) + had, self.log_q))

    def _risks(
        self, losses: Float[Tensor, " batch"], domains: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, " domains"], Bool[Tensor, " domains"]]:
        """Mean loss of each domain, and which source domains the batch holds."""
        exact = losses if losses.dtype == torch.float64 else losses.float()
        member = F.one_hot(domains, len(self.log_q)).T
        images = member.sum(dim=1)
        risks = (member * exact).sum(dim=1) / images.clamp(min=1)
        return risks, (images > 0) & self.log_q.isfinite()

    def _log_weights(
        self, risks: Float[Tensor, " domains"], present: Bool[Tensor, " domains"]
    ) -> Float[Tensor, " domains"]:
        """float64: logarithms of the new weights, scaled to sum 1 over `present`."""
        grown = self.log_q + self.params.eta * risks.double()
        lowest = torch.finfo(grown.dtype).min
        return grown.masked_fill(~present, lowest).log_softmax(dim=0)
