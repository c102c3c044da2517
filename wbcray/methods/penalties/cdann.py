"""CDANN: features from which a discriminator that knows the class cannot tell the domain.

Li et al., "Deep Domain Generalization via Conditional Invariant Adversarial Networks", ECCV 2018,
https://openaccess.thecvf.com/content_ECCV_2018/html/Ya_Li_Deep_Domain_Generalization_ECCV_2018_paper.html.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import nn

from wbcray.methods.base import LossTerms, Outputs, Targets, TrainingFacts, detached
from wbcray.methods.discriminator import AdversarialParams, AdversarialPenalty
from wbcray.methods.functional import gradient_reversal


@dataclass(frozen=True, slots=True, kw_only=True)
class CdannParams(AdversarialParams):
    """Hyper-parameters of CDANN; the schedule is that of DANN."""


@final
class Cdann(AdversarialPenalty):
    """Cross-entropy of a discriminator that sees feature plus class embedding, classes balanced.

    Where classes are spread unequally over the domains, DANN makes features of different classes
    alike; given the class, only features of the same class must be. A class that one domain alone
    has teaches the features little: its embedding gives the domain away.

    Differs from the paper as DomainBed does (https://arxiv.org/abs/2007.01434): one discriminator
    with an embedding of the class, where the paper has one discriminator per class and one with
    class priors normalised. Differs from DomainBed: both sides move in every step, by gradient
    reversal; there is no gradient penalty; and the weights of the images sum to one over the
    classes in the batch, where DomainBed divides by the largest label in the batch plus one, so
    that its strength changes from batch to batch.
    """

    citation = "li2018cdann"
    formula = "weight * ramp * (-mean over classes of CE of a domain discriminator given the class)"
    cost = "a small network on the features, forward and backward; an embedding [classes, dim]"
    Params = CdannParams
    needs_domains = 2

    def __init__(self, params: CdannParams, facts: TrainingFacts) -> None:
        super().__init__(params, facts)
        self.embedding = nn.Embedding(facts.counts.shape[1], facts.feature_dim)

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """Zero, with zero gradient, for a batch of one domain."""
        features = gradient_reversal(outputs.features, self.strength(progress))
        losses, known = self.losses(features + self.embedding(targets.labels), targets.domains)
        of_class = (targets.labels[:, None] == targets.labels[None, :]) & known[None, :]
        shares = known.to(losses.dtype) / of_class.sum(1).clamp(min=1)
        # The shares of a class sum to one, so their sum is the number of classes.
        mean = (shares * losses).sum() / shares.sum().clamp(min=1)
        several = targets.domains.min() != targets.domains.max()
        loss = torch.where(several, mean, torch.zeros_like(mean))
        return LossTerms(loss, detached(domain=loss))
