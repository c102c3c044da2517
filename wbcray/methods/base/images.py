"""Parts that decide which images are seen, and how: sampler, mixing, colour."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn

from wbcray.core.hyper import NoParams
from wbcray.methods.base.values import DrawPlan, Mixture, Targets


class Sampler(ABC):
    """Which training images are seen how often. Pure numpy; drawing is `data/draws.py`."""

    citation: ClassVar[str]
    formula: ClassVar[str]
    cost: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams

    @abstractmethod
    def plan(
        self,
        labels: np.ndarray[Any, np.dtype[np.int64]],
        domains: np.ndarray[Any, np.dtype[np.int64]],
    ) -> DrawPlan:
        """The draw plan for training images with these labels and domains."""


class Mixing(nn.Module, ABC):
    """What an image takes from another image of its batch, in training only.

    `summary` is what the partner must be known by, `mix` puts both together. At the level of
    images and maps, summaries are constants; at the level of features, gradient reaches both.

    Attributes:
        level: What is mixed: the images; the feature maps behind each of `stages`; or the pooled
            features, of which the classifier sees the mixed ones and the penalty the others.
        mixes_labels: Whether the partner's label counts by `1 - share`.
        stages: Residual stages of the network, 1 to 4.
    """

    citation: ClassVar[str]
    formula: ClassVar[str]
    cost: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams
    level: ClassVar[Literal["none", "images", "maps", "features"]]
    mixes_labels: ClassVar[bool] = False
    stages: tuple[int, ...] = ()

    @classmethod
    def domains_needed(cls, params: Any) -> int:  # noqa: ARG003  # for those that mix domains
        """Source domains with training images below which it does nothing."""
        return 1

    @abstractmethod
    def draw(self, targets: Targets, place: int) -> Mixture:
        """Partners and shares, from the noise of the images; `place` counts `stages` from 0."""

    @abstractmethod
    def summary(self, x: Float[Tensor, "rows ..."]) -> Float[Tensor, "rows ..."]:
        """What the partner of each row needs to give."""

    @abstractmethod
    def mix(
        self,
        x: Float[Tensor, "rows ..."],
        partner: Float[Tensor, "rows ..."],
        share: Float[Tensor, " rows"],
    ) -> Float[Tensor, "rows ..."]:
        """Each row mixed with the summary of its partner."""


class Colour(ABC):
    """What is done about colour before anything else sees an image.

    A part that acts in training only makes the network used to other stains; one with
    `in_evaluation` makes all images alike, those that are judged too. Either works on each image
    by itself, so that no image depends on the batch it is in.
    """

    citation: ClassVar[str]
    formula: ClassVar[str]
    cost: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams
    columns: ClassVar[int] = 0
    """Uniform random numbers that an image needs."""
    in_evaluation: ClassVar[bool] = False
    """Whether images are also changed when the network is judged; such a part draws nothing."""

    @abstractmethod
    def __call__(
        self, images: Float[Tensor, "batch 3 height width"], uniform: Float[Tensor, "batch columns"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """New images in [0, 1]; `uniform` in [0, 1) decides everything that is random."""
