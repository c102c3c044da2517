"""Parts of the loss: classification, domain risk, penalty."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

from jaxtyping import Float, Int
from torch import Tensor, nn

from wbcray.core.hyper import NoParams
from wbcray.methods.base.values import FeatureTable, LossTerms, Outputs, Targets

Head = Literal["linear", "cosine"]


class ClassificationLoss(nn.Module, ABC):
    """How wrong each image's logits are."""

    citation: ClassVar[str]
    formula: ClassVar[str]
    cost: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams

    @abstractmethod
    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,
    ) -> Float[Tensor, " batch"]:
        """Loss of each image; `progress` runs from 0 to 1 over the fold's training."""

    @classmethod
    def head(cls, params: Any) -> Head:  # noqa: ARG003  # for those that have a choice
        """The classifier that the loss is meant for."""
        return "linear"


class DomainRisk(nn.Module, ABC):
    """How per-image losses become one number when they come from several domains.

    Calling it changes nothing; what it learns from a step it learns in `observe`.
    """

    needs_domains: ClassVar[int] = 1
    """Source domains with training images below which it does nothing."""

    citation: ClassVar[str]
    formula: ClassVar[str]
    cost: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams

    @abstractmethod
    def forward(
        self, losses: Float[Tensor, " batch"], domains: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The risk of the batch."""

    def observe(  # an optional hook
        self, losses: Float[Tensor, " batch"], domains: Int[Tensor, " batch"]
    ) -> None:
        """See the detached losses of a training step, after the optimizer moved."""


class Penalty(nn.Module, ABC):
    """What is added to the risk so that domains or classes become alike or apart.

    Leaves hold every tensor as a parameter or buffer, so that checkpoints, devices and workers
    carry it. A penalty that needs statistics updates them in `observe` (cheap, every step) or asks
    for a pass over the training images by `pass_every` and gets it in `refresh`.
    """

    citation: ClassVar[str]
    formula: ClassVar[str]
    cost: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams
    needs_domains: ClassVar[int] = 1
    """Source domains with training images below which the penalty has no meaning."""
    linear_only: ClassVar[bool] = False
    """Whether it takes a linear classifier for granted."""

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
