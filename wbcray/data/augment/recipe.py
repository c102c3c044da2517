"""How decoded pixels become what the network sees, when it learns and when it is judged."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from wbcray.core.config import AugmentConfig
from wbcray.data.augment.blur import blur
from wbcray.data.augment.geometric import orient, warp
from wbcray.data.augment.photometric import recolour
from wbcray.data.draws import Order
from wbcray.data.noise import Randomness
from wbcray.data.transfer import to_device

_COLUMNS = (1, 7, 5, 1)
"""Uniform numbers of an image: orientation, colour, affine map, blur. Whatever comes later gets its
numbers behind these, so that none of these changes."""


@runtime_checkable
class Colour(Protocol):
    """A method's colour part, as far as data need to know it: see `methods.base.Colour`."""

    @property
    def columns(self) -> int:
        """Uniform random numbers that an image needs."""

    @property
    def in_evaluation(self) -> bool:
        """Whether images are also changed when the network is judged."""

    def __call__(
        self, images: Float[Tensor, "batch 3 height width"], uniform: Float[Tensor, "batch columns"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """New images in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is done to the pixels of a set of images, whoever draws them.

    Attributes:
        augment: How training images are changed at random.
        colour: What a method does about colour before that, or None for nothing.
    """

    augment: AugmentConfig = field(default_factory=AugmentConfig)
    colour: Colour | None = None

    def in_training(
        self, images: Float[Tensor, "batch 3 side side"], draws: Order, randomness: Randomness
    ) -> Float[Tensor, "batch 3 side side"]:
        """The images of these draws (`data.noise.draws_of`) as they are learned from.

        Colour comes first, as on the slide; then what camera, lamp, place and focus do.
        """
        if self.colour is not None:
            # A stream of its own: an image is turned alike with and without a colour part.
            own = randomness.uniform(draws, columns=self.colour.columns, stream="colour")
            images = self.colour(images, to_device(own, images.device))
        numbers = randomness.uniform(draws, columns=sum(_COLUMNS))
        return augment(images, to_device(numbers, images.device), self.augment)

    def in_evaluation(
        self, images: Float[Tensor, "batch 3 side side"]
    ) -> Float[Tensor, "batch 3 side side"]:
        """The images as the network is judged on them."""
        if self.colour is None or not self.colour.in_evaluation:
            return images
        return self.colour(images, images.new_empty(len(images), 0))


def augment(
    images: Float[Tensor, "batch 3 side side"],
    uniform: Float[Tensor, "batch 14"],
    config: AugmentConfig,
) -> Float[Tensor, "batch 3 side side"]:
    """New images, changed at random: `uniform` in [0, 1) decides everything.

    Differs from DomainBed's recipe (random resized crop, flip, colour jitter, grayscale): no crop,
    because size tells classes apart here, and no grayscale, because colour does.
    """
    orientation, tone, place, focus = uniform.split(_COLUMNS, dim=1)
    images = recolour(images, tone, config)
    if config.orientation == "dihedral":
        images = orient(images, orientation)
    return blur(warp(images, place, config), focus, config.blur)
