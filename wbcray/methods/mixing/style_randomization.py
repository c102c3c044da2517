"""Style randomisation: the classifier sees features in a mixture of two images' styles (SagNet).

Nam, Lee, Park, Yoon & Yoo, "Reducing Domain Gap by Reducing Style Bias", CVPR 2021,
https://arxiv.org/abs/1910.11645. One half of SagNet; the other is the penalty `sagnet`. Differs
from the paper as DomainBed (https://arxiv.org/abs/2007.01434) does, see
`methods/functional/style.py`. Differs from DomainBed: partners follow each other in a random cycle,
so that no image is its own, where a random permutation makes one of a batch so on average.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor

from wbcray.core.hyper import NoParams
from wbcray.methods.base import Mixing, Mixture, Targets
from wbcray.methods.functional.partners import partners_anywhere
from wbcray.methods.functional.style import randomize_style, style_of


@final
class StyleRandomization(Mixing):
    """Mixes mean and variance of a feature vector with those of another image, by a random share.

    The share is uniform in [0, 1). Labels stay those of the content, and the penalty sees the
    features as they were.
    """

    citation = "nam2021sagnet"
    formula = "(z - m) / s * s' + m', with (m', s'^2) = a (m, s^2) + (1 - a) (m, s^2) of another"
    cost = "two moments of every feature vector"
    level = "features"

    def __init__(self, params: NoParams) -> None:  # noqa: ARG002  # the common signature
        super().__init__()

    def draw(
        self,
        targets: Targets,
        place: int,  # noqa: ARG002  # features are one place
    ) -> Mixture:
        """The next image in the order of the first noise; the second is the share."""
        return Mixture(partner=partners_anywhere(targets.uniform(0)), share=targets.uniform(1))

    def summary(self, x: Float[Tensor, "rows dim"]) -> Float[Tensor, "rows 2"]:
        """Mean and variance."""
        return style_of(x)

    def mix(
        self,
        x: Float[Tensor, "rows dim"],
        partner: Float[Tensor, "rows 2"],
        share: Float[Tensor, " rows"],
    ) -> Float[Tensor, "rows dim"]:
        """The content of each row in the mixed style."""
        return randomize_style(x, partner, share).to(x.dtype)
