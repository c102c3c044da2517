"""Parts that decide about the network: its normalisation, and what it becomes in the end."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from wbcray.core.hyper import NoParams
from wbcray.methods.base.values import FeatureTable


class Normalization(ABC):
    """Which normalisation layers the network has, and what they know when it is judged."""

    citation: ClassVar[str]
    formula: ClassVar[str]
    cost: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams
    layers: ClassVar[Literal["batch", "frozen", "group"] | None] = None
    """The kind of layers; None keeps those of the run's network."""
    adapts: ClassVar[bool] = False
    """Whether statistics are estimated anew on the unlabelled images of the domain that is judged:
    test-time adaptation, another setting than domain generalisation, and marked as such."""

    def training_share(self) -> float:
        """What stays of the statistics of training where it `adapts`."""
        return 1.0


class WeightAverage(ABC):
    """One network made of the weights of many steps; lives as long as the training of a fold.

    Weights are a network's `state_dict`: live tensors, to be copied if kept. Running statistics of
    batch norm are among them.
    """

    re_estimates: ClassVar[bool] = False
    """Whether the final weights need statistics of batch norm that are estimated anew."""

    @abstractmethod
    def after_step(self, weights: Mapping[str, Tensor], progress: float) -> None:
        """See the weights after a step; `progress` is that of the step, from 0 to 1."""

    @abstractmethod
    def judged(self, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """What an epoch is judged with: `weights`, those of the network, or the average so far."""

    @abstractmethod
    def after_epoch(self, validation_loss: float) -> None:
        """See the mean cross-entropy, in nats, of the judged weights on the validation images."""

    @abstractmethod
    def final(self, best: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The weights to keep; `best` are those of the best judged epoch."""

    @abstractmethod
    def state(self) -> Mapping[str, Tensor]:
        """All that it remembers between two epochs; numbers as tensors, which may be live ones."""

    @abstractmethod
    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what the `state` of another one was, as if never stopped.

        To be called on a new average. The tensors are copies, each on the device that it was on.
        """


class Finish(ABC):
    """What happens to a trained network before it is judged for good."""

    citation: ClassVar[str]
    formula: ClassVar[str]
    cost: ClassVar[str]
    Params: ClassVar[type[Any]] = NoParams
    linear_only: ClassVar[bool] = False
    """Whether it takes a linear classifier for granted."""

    @classmethod
    def least_epochs(cls, params: Any) -> int:  # noqa: ARG003  # for those that need more
        """Epochs below which it cannot work."""
        return 1

    def average(self) -> WeightAverage | None:
        """A new average for the training of a fold, or None."""
        return None

    def views(self) -> int:
        """Augmented feature passes over the training images that `fit` wants."""
        return 0

    def fit(
        self,
        head: nn.Linear,
        table: FeatureTable | None,  # noqa: ARG002  # the common signature
        *,
        seed: int,  # noqa: ARG002  # the common signature
    ) -> nn.Linear:
        """The classifier to use in place of `head`; the features stay as they are.

        `table` is None where `views` is 0.
        """
        return head
