"""What a part of a method is: small interfaces that the training loop knows, one per axis.

A part sees the *global* batch: features and labels of all workers. Distribution is the learner's
business (`training/learner.py`), so no part ever talks to another process.

Shapes: `batch` images of one step over all workers, `dim` features, `classes`, `domains` (all
domains of the run, the held-out one included, so that ids never shift).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor, nn

from wbcray.core.hyper import NoParams


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFacts:
    """What a part may know about its training fold before the first step.

    Attributes:
        counts: int64 [domains, classes], training images per domain-class pair; the held-out
            domain's row is zero.
        feature_dim: Width of the features.
        steps: Optimizer steps planned for the fold.
    """

    counts: Int[Tensor, "domains classes"]
    feature_dim: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What the network says about a batch."""

    features: Float[Tensor, "batch dim"]
    logits: Float[Tensor, "batch classes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What is known about a batch."""

    labels: Int[Tensor, " batch"]
    domains: Int[Tensor, " batch"]


@dataclass(frozen=True, slots=True)
class LossTerms:
    """A loss to minimise, and its parts to show.

    `parts` are detached scalars before weighting, under the names that plots use.
    """

    total: Float[Tensor, ""]
    parts: Mapping[str, Float[Tensor, ""]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTable:
    """Features of many training images at once, from a pass without gradient."""

    features: Float[Tensor, "images dim"]
    labels: Int[Tensor, " images"]
    domains: Int[Tensor, " images"]


class ClassificationLoss(nn.Module, ABC):
    """How wrong each image's logits are."""

    citation: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams

    @abstractmethod
    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,
    ) -> Float[Tensor, " batch"]:
        """Loss of each image; `progress` runs from 0 to 1 over the fold's training."""


class DomainRisk(nn.Module, ABC):
    """How per-image losses become one number when they come from several domains."""

    citation: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams

    @abstractmethod
    def forward(
        self, losses: Float[Tensor, " batch"], domains: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The risk of the batch."""


class Penalty(nn.Module, ABC):
    """What is added to the risk so that domains or classes become alike or apart.

    Leaves hold every tensor as a parameter or buffer, so that checkpoints, devices and workers
    carry it. A penalty that needs statistics updates them in `observe` (cheap, every step) or asks
    for a pass over the training images by `pass_every` and gets it in `refresh`.
    """

    citation: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams
    needs_domains: ClassVar[int] = 1
    """Source domains with training images below which the penalty has no meaning."""

    @abstractmethod
    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """The weighted penalty of one batch; zero, never NaN, where it is undefined."""

    def observe(self, outputs: Outputs, targets: Targets) -> None:  # an optional hook
        """See the detached outputs of a training step, after the optimizer moved."""

    def pass_every(self) -> float | None:
        """Share of training between two feature passes, or None for no passes."""
        return None

    def pass_limit(self) -> int | None:
        """Images per domain-class pair in a feature pass, or None for all of them."""
        return None

    def refresh(self, table: FeatureTable) -> None:  # an optional hook
        """See a feature pass over the training images (evaluation mode, no augmentation)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPlan:
    """How training images are drawn.

    Attributes:
        probabilities: float64 [images], sums to 1; None draws every image once an epoch.
        strata: int64 [images] or None; with strata every batch holds equal shares of each stratum
            and `probabilities` acts within it.
    """

    probabilities: np.ndarray[Any, np.dtype[np.float64]] | None = None
    strata: np.ndarray[Any, np.dtype[np.int64]] | None = None


class Sampler(ABC):
    """Which training images are seen how often. Pure numpy; drawing is `data/draws.py`."""

    citation: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams

    @abstractmethod
    def plan(
        self,
        labels: np.ndarray[Any, np.dtype[np.int64]],
        domains: np.ndarray[Any, np.dtype[np.int64]],
    ) -> DrawPlan:
        """The draw plan for training images with these labels and domains."""


class Finish(ABC):
    """What happens to a trained network before it is judged for good."""

    citation: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams

    @abstractmethod
    def views(self) -> int:
        """Augmented feature passes over the training images that `fit` wants; 0 skips it."""

    @abstractmethod
    def fit(self, head: nn.Linear, table: FeatureTable, *, seed: int) -> nn.Linear:
        """The classifier to use in place of `head`; the features stay as they are."""


class Colour(ABC):
    """What is done about colour before anything else sees an image.

    A part that acts in training only makes the network used to other stains; one with
    `in_evaluation` makes all images alike, those that are judged too. Either works on each image
    by itself, so that no image depends on the batch it is in.
    """

    citation: ClassVar[str]
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


def detached(**parts: Tensor) -> dict[str, Tensor]:
    """Loss parts ready to be shown."""
    return {name: value.detach() for name, value in parts.items()}
