"""The plain mean over the batch: empirical risk minimisation.

Vapnik, "An overview of statistical learning theory", IEEE Transactions on Neural Networks 1999,
https://doi.org/10.1109/72.788640.
"""

from typing import final

from jaxtyping import Float, Int
from torch import Tensor

from wbcray.core.hyper import NoParams
from wbcray.methods.base import DomainRisk, TrainingFacts


@final
class Mean(DomainRisk):
    """Every image counts the same, whatever its domain.

    Differs from DomainBed's mean of the domains' means only where a batch holds unequal shares.
    """

    citation = "vapnik1999overview"
    formula = "mean of the losses of all images"
    cost = "none"

    def __init__(self, params: NoParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()

    def forward(
        self,
        losses: Float[Tensor, " batch"],
        domains: Int[Tensor, " batch"],  # noqa: ARG002  # the mean is blind to them
    ) -> Float[Tensor, ""]:
        """The mean loss."""
        return losses.mean()
