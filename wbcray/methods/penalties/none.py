"""No penalty: the risk alone is minimised.

The baseline that is hard to beat: Gulrajani & Lopez-Paz, "In Search of Lost Domain
Generalization", ICLR 2021, https://arxiv.org/abs/2007.01434.
"""

from typing import final

from wbcray.core.hyper import NoParams
from wbcray.methods.base import LossTerms, Outputs, Penalty, Targets, TrainingFacts


@final
class NoPenalty(Penalty):
    """Nothing is added to the risk."""

    citation = "gulrajani2021search"
    formula = "0"
    cost = "none"

    def __init__(self, params: NoParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()

    def forward(
        self,
        outputs: Outputs,
        targets: Targets,  # noqa: ARG002  # the common signature
        progress: float,  # noqa: ARG002  # the common signature
    ) -> LossTerms:
        """Zero, and nothing to show."""
        return LossTerms(outputs.features.new_zeros(()).float())
