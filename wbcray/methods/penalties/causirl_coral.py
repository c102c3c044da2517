"""CausIRL with CORAL: two random mixtures of the source domains look alike.

Chevalley, Bunne, Krause & Bauer, "Invariant Causal Mechanisms through Distribution Matching", 2022,
https://arxiv.org/abs/2206.11646. Differs from DomainBed (https://arxiv.org/abs/2007.01434): images
are dealt by numbers of their own in place of their place in the batch, with the same distribution;
where no image falls to the first mixture, the one with the lowest number does, in place of a loss
of zero; a mixture of one image keeps its mean, as in `methods/functional/coral.py`, in place of a
loss of zero; and a batch of one domain costs zero, as a mixture of one domain is none.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Bool
from torch import Tensor

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
from wbcray.methods.functional.coral import coral


@dataclass(frozen=True, slots=True, kw_only=True)
class CausirlCoralParams:
    """Hyper-parameters of CausIRL with CORAL."""

    weight: float = hyper(1.0, 1e-4, 1e4, log=True, help="weight of the distance of the mixtures")


@final
class CausirlCoral(Penalty):
    """`weight` times the CORAL distance between two random mixtures of the domains.

    Of the n images of each domain, a random number of 0 to n - 1, drawn for each domain anew, go to
    the first mixture and the others to the second: the mixtures hold the domains in unlike shares,
    which is what makes their distance tell something about the domains.
    """

    citation = "chevalley2022causirl"
    formula = "weight * CORAL between two mixtures with random shares of every domain"
    cost = "one Gram matrix of the batch, O(batch^2 dim)"
    Params = CausirlCoralParams
    needs_domains = 2

    def __init__(self, params: CausirlCoralParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()
        self.params = params

    def forward(
        self,
        outputs: Outputs,
        targets: Targets,
        progress: float,  # noqa: ARG002  # the weight is constant
    ) -> LossTerms:
        """Zero for a batch of one domain."""
        distance = coral(outputs.features, in_first_mixture(targets).long())
        several = targets.domains.min() != targets.domains.max()
        loss = torch.where(several, distance, torch.zeros_like(distance))
        return LossTerms(self.params.weight * loss, detached(causirl=loss))


def in_first_mixture(targets: Targets) -> Bool[Tensor, " batch"]:
    """Which images are in the first mixture; both hold some where the batch has two images.

    A domain's images go there in the order of their first number; how many do is decided by the
    second number of the one that comes first.
    """
    place, number = targets.uniform(PENALTY_NOISE), targets.uniform(PENALTY_NOISE + 1)
    together = targets.domains[:, None] == targets.domains[None, :]
    size = together.sum(1)
    rank = (together & (place[None, :] < place[:, None])).sum(1)
    leader = torch.where(together, place[None, :], torch.inf).argmin(dim=1)
    # A number below 1 may be rounded up to the size.
    slots = (number[leader] * size).long().clamp(max=size - 1)
    first = rank < slots
    return first | (~first.any() & (place == place.min()))
