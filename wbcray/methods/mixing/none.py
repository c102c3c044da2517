"""No mixing: every image stands for itself.

Vapnik, "An overview of statistical learning theory", IEEE Transactions on Neural Networks 1999,
https://doi.org/10.1109/72.788640.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor

from wbcray.core.hyper import NoParams
from wbcray.methods.base import Mixing, Mixture, Targets


@final
class NoMixing(Mixing):
    """Leaves images, maps and features alone; the training loop never calls it."""

    citation = "vapnik1999overview"
    formula = "x"
    cost = "none"
    level = "none"

    def __init__(self, params: NoParams) -> None:  # noqa: ARG002  # the common signature
        super().__init__()

    def draw(
        self,
        targets: Targets,
        place: int,  # noqa: ARG002  # the common signature
    ) -> Mixture:
        """Every image with itself."""
        rows = targets.labels.new_ones(len(targets.labels)).cumsum(0) - 1
        return Mixture(partner=rows, share=rows.new_ones(len(rows)).float())

    def summary(self, x: Float[Tensor, "rows ..."]) -> Float[Tensor, "rows ..."]:
        """The image itself."""
        return x

    def mix(
        self,
        x: Float[Tensor, "rows ..."],
        partner: Float[Tensor, "rows ..."],  # noqa: ARG002  # the common signature
        share: Float[Tensor, " rows"],  # noqa: ARG002  # the common signature
    ) -> Float[Tensor, "rows ..."]:
        """The image itself."""
        return x
