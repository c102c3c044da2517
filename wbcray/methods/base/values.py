"""What passes between the training loop and the parts of a method.

Shapes: `batch` images of one step over all workers, `dim` features, `classes`, `domains` (all
domains of the run, the held-out one included, so that ids never shift).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from wbcray.core.errors import UsageError

NOISE_COLUMNS = 16
"""Random numbers that every image of a step carries."""
PENALTY_NOISE = 12
"""The first column that is the penalty's; those before are the mixing's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFacts:
    """What a part may know about its training fold before the first step.

    Attributes:
        counts: int64 [domains, classes], training images per domain-class pair; the held-out
            domain's row is zero.
        feature_dim: Width of the features.
        steps: Optimizer steps planned for the fold.
        drawn: float64 [classes], images of each class that an epoch holds on average, as the
            sampler draws them; None where it draws each image once.
    """

    counts: Int[Tensor, "domains classes"]
    feature_dim: int
    steps: int
    drawn: Float[Tensor, " classes"] | None = None

    def __post_init__(self) -> None:
        """Refuse counts that no training fold can have.

        Raises:
            UsageError: For a negative count, or no training image at all.
        """
        if int(self.counts.min()) < 0 or int(self.counts.sum()) == 0:
            raise UsageError(
                f"these cannot be counts of training images: {self.counts.tolist()}",
                where="counts [domains, classes]",
                fix="count the training images of every domain-class pair; at least one has some",
            )

    @property
    def class_counts(self) -> Int[Tensor, " classes"]:
        """Training images per class, over all domains."""
        return self.counts.sum(dim=0)

    @property
    def drawn_counts(self) -> Float[Tensor, " classes"]:
        """Images per class as training sees them: the prior that its network learns."""
        return self.counts.sum(dim=0).double() if self.drawn is None else self.drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What the network says about a batch.

    Where images were mixed, `features` are those that a penalty should see and `logits` those that
    the classification loss should see (`Mixing.level`).
    """

    features: Float[Tensor, "batch dim"]
    logits: Float[Tensor, "batch classes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """What each image of a batch is mixed with.

    Attributes:
        partner: The row of the other image.
        share: What stays of the image itself; 1 leaves it alone.
    """

    partner: Int[Tensor, " batch"]
    share: Float[Tensor, " batch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What is known about a batch.

    Attributes:
        labels: Class of each image.
        domains: Domain of each image.
        noise: Numbers in [0, 1) that decide all that is random about a step. They belong to the
            draw (seed, epoch, image, how often it came before), so nothing depends on the order of
            the batch or on the number of workers.
        mixture: Whose labels count besides, where the mixing mixes labels.
    """

    labels: Int[Tensor, " batch"]
    domains: Int[Tensor, " batch"]
    noise: Float[Tensor, "batch columns"] | None = None
    mixture: Mixture | None = None

    def uniform(self, column: int) -> Float[Tensor, " batch"]:
        """One column of `noise`; mixings use those before `PENALTY_NOISE`, penalties the others."""
        if self.noise is None:
            raise TypeError("this part is random: give Targets(noise=...)")
        return self.noise[:, column]


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


def detached(**parts: Tensor) -> dict[str, Tensor]:
    """Loss parts ready to be shown."""
    return {name: value.detach() for name, value in parts.items()}
