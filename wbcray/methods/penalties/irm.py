"""IRM: one classifier on the features is the best one for every source domain.

Arjovsky, Bottou, Gulrajani & Lopez-Paz, "Invariant Risk Minimization", 2019,
https://arxiv.org/abs/1907.02893.
"""

from dataclasses import dataclass
from typing import final

from wbcray.core.hyper import hyper
from wbcray.methods.base import (
    PENALTY_NOISE,
    LossTerms,
    Outputs,
    Penalty,
    Targets,
    TrainingFacts,
    detached,
)
from wbcray.methods.functional.irm import irm, scale_slopes, split_by_rank


@dataclass(frozen=True, slots=True, kw_only=True)
class IrmParams:
    """Hyper-parameters of IRM."""

    weight: float = hyper(100.0, 1e-3, 1e6, log=True, help="weight of the penalty after `anneal`")
    anneal: float = hyper(
        0.1, 0.0, 1.0, help="share of training before `weight` holds; the weight is 1 until then"
    )


@final
class Irm(Penalty):
    """IRMv1: the squared gradient of each domain's risk with respect to a scale of the logits.

    Differs from DomainBed (https://arxiv.org/abs/2007.01434): which images make which half is
    drawn for each image, not read off the order of the batch; `anneal` is a share of training, not
    a number of steps; and the optimizer is not reset when the weight jumps.

    The risk is softmax cross-entropy of the logits, whatever the classification loss is. Each
    domain has a term of its own and none compares two, so one domain suffices; with one it asks no
    more than that the logits have the right scale there. Cosines cannot have it: where they tell
    the classes apart, their cross-entropy always asks for a larger scale.
    """

    citation = "arjovsky2019irm"
    formula = "weight * mean over domains [ mean g of one half * mean g of the other ], g = dCE/ds"
    cost = "none to speak of, O(batch (batch + classes))"
    Params = IrmParams
    linear_only = True

    def __init__(self, params: IrmParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()
        self.params = params

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """The part `irm` may be negative; a domain with one image adds nothing to it."""
        # An image drawn twice has one number; its slope settles the order where copies differ.
        slopes = scale_slopes(outputs.logits.detach(), targets.labels)
        halves = split_by_rank(targets.uniform(PENALTY_NOISE), slopes, targets.domains)
        penalty = irm(outputs.logits, targets.labels, targets.domains, halves=halves)
        weight = self.params.weight if progress >= self.params.anneal else 1.0
        return LossTerms(weight * penalty, detached(irm=penalty))
