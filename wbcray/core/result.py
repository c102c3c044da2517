"""What training says: reports after every epoch, and at the end counts that stay sealed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from wbcray.core.outputs import ImageOutputs, SealedOutputs
from wbcray.core.sealed import Sealed

Counts = npt.NDArray[np.int64]
"""int64 [domains, true class, predicted class]; every score is a pure function of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochReport:
    """One epoch of one fold; holds nothing of the held-out domain.

    Attributes:
        fold: Number of the fold.
        epoch: Epoch within the fold, from 0.
        losses: Mean over the epoch's steps of every named part of the loss.
        counts: Validation counts of the source domains; the held-out domain's row is zero.
        learning_rate: At the end of the epoch.
        seconds: Wall time of training plus validation.
    """

    fold: int
    epoch: int
    losses: Mapping[str, float]
    counts: Counts
    learning_rate: float
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse, to the last digit."""
        return asdict(self) | {"losses": dict(self.losses), "counts": self.counts.tolist()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "EpochReport":
        """The report that `as_json` wrote."""
        return cls(**{**data, "counts": np.array(data["counts"], dtype=np.int64)})


@final
class SealedCounts(Sealed[Counts]):
    """Counts of the held-out domain, [domains, true, predicted]."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldResult:
    """One trained fold: a cell of the grid method x held-out x fold x seed.

    Attributes:
        reports: One per epoch that was trained.
        best_epoch: The epoch whose weights were kept, chosen on validation.
        counts: Validation counts of the final weights (after the finish, if there is one).
        sealed: Held-out counts of the same weights.
        device: What it ran on; results depend on it in the last digits.
        outputs: For the validation images; None where they are not kept.
        sealed_outputs: For the held-out images; None where they are not kept.
    """

    fold: int
    reports: tuple[EpochReport, ...]
    best_epoch: int
    counts: Counts
    sealed: SealedCounts
    device: str
    seconds: float
    outputs: ImageOutputs | None = None
    sealed_outputs: SealedOutputs | None = None
