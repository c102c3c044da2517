"""No part for colour: images are stained as they are.

The control of Tellez et al., "Quantifying the effects of data augmentation and stain color
normalization in convolutional neural networks for computational pathology", Medical Image Analysis
58, 2019, https://arxiv.org/abs/1902.06543. The jitter of brightness and contrast that every
method shares is no part of a method; it is declared in `core.config.AugmentConfig`.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor

from wbcray.core.hyper import NoParams
from wbcray.methods.base import Colour


@final
class NoColour(Colour):
    """Leaves every image as it is."""

    citation = "tellez2019quantifying"
    formula = "the image"
    cost = "none"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""

    def __call__(
        self,
        images: Float[Tensor, "batch 3 height width"],
        uniform: Float[Tensor, "batch 0"],  # noqa: ARG002  # the common signature
    ) -> Float[Tensor, "batch 3 height width"]:
        """The same images."""
        return images
