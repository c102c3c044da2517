"""Gray world: the mean colour of every image becomes grey.

Buchsbaum, "A spatial processor model for object colour perception", Journal of the Franklin
Institute 310, 1980, https://doi.org/10.1016/0016-0032%2880%2990058-7.

Differs from the paper: there an illuminant is estimated from the responses of receptors, here the
numbers of an image file (sRGB) are scaled as they are, as most codes do. Overall brightness stays:
channels meet at the mean of the three, and not at a fixed grey.

A smear is not grey on average: an image full of violet nuclei is pulled towards green, and how far
depends on the cell. `strength` below 1 goes part of the way.
"""

from dataclasses import dataclass
from typing import final

from jaxtyping import Float
from torch import Tensor

from wbcray.core.hyper import hyper
from wbcray.methods.base import Colour
from wbcray.methods.functional.gray_world import gray_world


@dataclass(frozen=True, slots=True, kw_only=True)
class GrayWorldParams:
    """Hyper-parameters of gray world."""

    strength: float = hyper(
        1.0, 0.0, 1.0, help="exponent of the gains: 0 leaves the image, 1 makes its mean grey"
    )


@final
class GrayWorld(Colour):
    """White balance of every image by itself, in training and when judged."""

    citation = "buchsbaum1980spatial"
    formula = "x'_c = x_c (m / m_c)^strength, m_c the mean of channel c, m the mean of the three"
    cost = (
        "two passes over the pixels; "
        "half of what stain_augmentation costs, about 0.3 ms per image of 224 px on two cores"
    )
    Params = GrayWorldParams
    in_evaluation = True

    def __init__(self, params: GrayWorldParams) -> None:
        self.params = params

    def __call__(
        self,
        images: Float[Tensor, "batch 3 height width"],
        uniform: Float[Tensor, "batch 0"],  # noqa: ARG002  # nothing is random
    ) -> Float[Tensor, "batch 3 height width"]:
        """The images with a grey mean."""
        return gray_world(images, strength=self.params.strength)
