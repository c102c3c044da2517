"""Stain augmentation: training images as if stained longer, with other dyes, under other light.

Tellez et al., "Quantifying the effects of data augmentation and stain color normalization in
convolutional neural networks for computational pathology", Medical Image Analysis 58, 2019,
https://arxiv.org/abs/1902.06543, who jitter the amounts of haematoxylin, eosin and a residual in
optical density ("HED", first in https://arxiv.org/abs/1808.05896).

Differs from the paper: their fixed matrix of three stains does not fit blood, which is stained by
Romanowsky's mixture of azure B and eosin Y, and with more eosin here and more azure there from one
laboratory to the next. So no stains are told apart: the three optical densities themselves are
scaled together (time in the stain, thickness of the smear) and mixed by a random matrix near the
identity (its dyes). Density is taken against the background of the image and not against white,
so that more stain does not darken empty glass; what the paper adds to a density is here a change
of that background. The common factor is log-uniform, so that half and twice are as likely.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from wbcray.core.hyper import hyper
from wbcray.methods.base import Colour
from wbcray.methods.functional.stain import background_of, restain


@dataclass(frozen=True, slots=True, kw_only=True)
class StainAugmentationParams:
    """Hyper-parameters of stain augmentation."""

    gain: float = hyper(
        0.4, 0.0, 1.5, help="largest change of the amount of stain, as a natural logarithm"
    )
    mixing: float = hyper(0.1, 0.0, 0.3, help="largest change of an entry of the mixing matrix")
    background: float = hyper(
        0.1, 0.0, 0.5, help="largest change of a background channel, as a natural logarithm"
    )
    probability: float = hyper(1.0, 0.0, 1.0, help="share of the images that are changed")


@final
class StainAugmentation(Colour):
    """Jitter in optical density: amount of stain, its hue, and the background.

    With v uniform in [-1, 1] and b the image's background, for every pixel x

        d = -log(x / b)                                  optical density
        x' = b exp(background v) exp(-exp(gain v) (1 + mixing V) d)

    where V is a 3 x 3 matrix of such numbers and 1 the identity.
    """

    citation = "tellez2019quantifying"
    formula = "x' = b exp(background v) exp(-exp(gain v) (1 + mixing V) d), d = -log(x / b)"
    cost = "one logarithm and one exponential of every pixel; counted in docs/benchmarks.md"
    Params = StainAugmentationParams
    columns = 14
    """Whether, gain, nine of the mixing matrix, three of the background."""

    def __init__(self, params: StainAugmentationParams) -> None:
        self.params = params

    def __call__(
        self, images: Float[Tensor, "batch 3 height width"], uniform: Float[Tensor, "batch 14"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """The images as if stained otherwise; those that are not chosen stay as they are."""
        params = self.params
        centred = uniform[:, 1:] * 2 - 1
        mixing = torch.eye(3, dtype=images.dtype, device=images.device)
        mixing = mixing + params.mixing * centred[:, 1:10].unflatten(1, (3, 3))
        gain = (params.gain * centred[:, 0]).exp()
        background = background_of(images)
        restained = restain(
            images,
            density_change=gain[:, None, None] * mixing,
            background=background,
            new_background=background * (params.background * centred[:, 10:]).exp(),
        )
        if params.probability == 1:
            return restained
        chosen = uniform[:, 0] < params.probability
        return torch.where(chosen.view(-1, 1, 1, 1), restained, images)
