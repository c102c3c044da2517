"""Deep CORAL: the features of all source domains get the same mean and covariance.

Sun & Saenko, "Deep CORAL: Correlation Alignment for Deep Domain Adaptation", ECCV Workshops 2016,
https://arxiv.org/abs/1607.01719. Differs from the paper as DomainBed does, see
`methods/functional/coral.py`.
"""

from dataclasses import dataclass
from typing import final

from wbcray.core.hyper import hyper
from wbcray.methods.base import LossTerms, Outputs, Penalty, Targets, TrainingFacts, detached
from wbcray.methods.functional import coral


@dataclass(frozen=True, slots=True, kw_only=True)
class CoralParams:
    """Hyper-parameters of CORAL."""

    weight: float = hyper(1.0, 1e-4, 1e4, log=True, help="weight of the distance of the moments")


@final
class Coral(Penalty):
    """`weight` times the squared distance of the domains' means and covariances."""

    citation = "sun2016deepcoral"
    formula = "weight * mean over domain pairs [ |m_a - m_b|^2 / dim + |C_a - C_b|^2 / dim^2 ]"
    cost = "one Gram matrix of the batch, O(batch^2 dim)"
    Params = CoralParams
    needs_domains = 2

    def __init__(self, params: CoralParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()
        self.params = params

    def forward(
        self,
        outputs: Outputs,
        targets: Targets,
        progress: float,  # noqa: ARG002  # the weight is constant
    ) -> LossTerms:
        """Zero for a batch of one domain."""
        distance = coral(outputs.features, targets.domains)
        return LossTerms(self.params.weight * distance, detached(coral=distance))
