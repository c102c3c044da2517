"""DANN: features from which a discriminator cannot tell the domain.

Ganin et al., "Domain-Adversarial Training of Neural Networks", JMLR 2016,
https://arxiv.org/abs/1505.07818.
"""

from dataclasses import dataclass
from typing import final

import torch

from wbcray.methods.base import LossTerms, Outputs, Targets, detached
from wbcray.methods.discriminator import AdversarialParams, AdversarialPenalty
from wbcray.methods.functional import gradient_reversal


@dataclass(frozen=True, slots=True, kw_only=True)
class DannParams(AdversarialParams):
    """Hyper-parameters of DANN."""


@final
class Dann(AdversarialPenalty):
    """Cross-entropy of a domain discriminator behind a gradient reversal layer.

    The discriminator minimises it with weight one, the features maximise it with weight
    `weight * (2 / (1 + exp(-10 progress)) - 1)`, or `weight` throughout.

    Differs from DomainBed, which alternates steps of discriminator and network and so gives the
    classifier half of the updates or fewer: here both move in every step, as in the paper.
    """

    citation = "ganin2016dann"
    formula = "weight * ramp * (-CE of a domain discriminator), by gradient reversal"
    cost = "a small network on the features, forward and backward"
    Params = DannParams
    needs_domains = 2

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """Zero, with zero gradient, for a batch of one domain."""
        features = gradient_reversal(outputs.features, self.strength(progress))
        losses, known = self.losses(features, targets.domains)
        mean = losses.sum() / known.sum().clamp(min=1)
        several = targets.domains.min() != targets.domains.max()
        loss = torch.where(several, mean, torch.zeros_like(mean))
        return LossTerms(loss, detached(domain=loss))
