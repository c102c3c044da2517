"""V-REx: all source domains have the same risk.

Krueger et al., "Out-of-Distribution Generalization via Risk Extrapolation (REx)", ICML 2021,
https://arxiv.org/abs/2003.00688.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch.nn import functional as F

from wbcray.core.hyper import hyper
from wbcray.methods.base import LossTerms, Outputs, Penalty, Targets, TrainingFacts, detached
from wbcray.methods.functional.domain_means import domain_means
from wbcray.methods.functional.vrex import vrex


@dataclass(frozen=True, slots=True, kw_only=True)
class VrexParams:
    """Hyper-parameters of V-REx."""

    weight: float = hyper(10.0, 1e-3, 1e6, log=True, help="weight of the variance after `anneal`")
    anneal: float = hyper(
        0.1, 0.0, 1.0, help="share of training before `weight` holds; the weight is 1 until then"
    )


@final
class Vrex(Penalty):
    """`weight` times the variance of the domains' risks.

    The risk of a domain is the mean softmax cross-entropy of its images' logits, whatever the
    classification loss is. The annealing is not in the paper's formula; it is that of its code and
    of DomainBed (https://arxiv.org/abs/2007.01434). Differs from both: `anneal` is a share of
    training, not a number of steps, and the optimizer is not reset when the weight jumps.
    """

    citation = "krueger2021vrex"
    formula = "weight * mean over domains (R_d - mean R)^2, R_d = mean CE of domain d"
    cost = "none to speak of, O(batch (domains + classes))"
    Params = VrexParams
    needs_domains = 2

    def __init__(self, params: VrexParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        self.number = facts.counts.shape[0]

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """Zero for a batch of one domain."""
        logits = outputs.logits
        exact = logits if logits.dtype == torch.float64 else logits.float()
        losses = F.cross_entropy(exact, targets.labels, reduction="none")
        risks, present = domain_means(losses, targets.domains, self.number)
        variance = vrex(risks, present=present)
        weight = self.params.weight if progress >= self.params.anneal else 1.0
        return LossTerms(weight * variance, detached(vrex=variance))
