"""A trained cell as a record: what names it, what it holds, and its JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from wbcray.core.config import TrialConfig
from wbcray.core.errors import StoreError
from wbcray.core.result import Counts, EpochReport, FoldResult
from wbcray.store.attempts import Attempt

KIND = "cell"
SEALED_KIND = "sealed"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CellKey:
    """What names a cell: configuration x held-out domain x fold x seed."""

    config: str
    held_out: str
    fold: int
    seed: int

    @property
    def folder(self) -> str:
        """The cell's folder below `cells/`."""
        return f"{self.config}/{self.held_out}--fold{self.fold}--seed{self.seed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntFrom:
    """The images that a cell was trained and judged on.

    Attributes:
        fingerprint: Of the run's images, as decoded, with labels and domains.
        split: Digest of the division for this held-out domain.
        images: Their numbers: `train`, `validation`, `test`.
    """

    fingerprint: str
    split: str
    images: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a record says besides the result.

    Attributes:
        weights: SHA-256 of the checkpoint.
        learnt_from: The images.
        provenance: Versions, machine, time; plain JSON values.
    """

    weights: str
    learnt_from: LearntFrom
    provenance: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRecord:
    """A trained cell as it was recorded, without anything of the held-out domain.

    Attributes:
        weights: SHA-256 of the checkpoint that was written; empty in records of schema 1.
        learnt_from: Fingerprint and split are empty in records of schema 1.
        attempt: Number of the attempt that brought the result.
        history: The attempts before it.
    """

    key: CellKey
    config: TrialConfig
    reports: tuple[EpochReport, ...]
    best_epoch: int
    counts: Counts
    device: str
    seconds: float
    weights: str
    learnt_from: LearntFrom
    provenance: Mapping[str, Any]
    attempt: int
    history: tuple[Attempt, ...]

    @property
    def images(self) -> Mapping[str, int]:
        """Numbers of images: `train`, `validation`, `test`."""
        return self.learnt_from.images


def key_of(config: str, name: str) -> CellKey | None:
    """The key whose folder is `config/name`; None for a folder that is no cell's."""
    held_out, _, rest = name.rpartition("--fold")
    fold, _, seed = rest.partition("--seed")
    if not (held_out and fold.isdigit() and seed.isdigit()):
        return None
    return CellKey(config=config, held_out=held_out, fold=int(fold), seed=int(seed))


def to_json(
    key: CellKey,
    config: TrialConfig,
    result: FoldResult,
    circumstances: Circumstances,
    history: tuple[Attempt, ...],
) -> dict[str, Any]:
    """The payload of a cell's record; held-out counts are no part of it."""
    learnt_from = circumstances.learnt_from
    return {
        "held_out": key.held_out,
        "fold": key.fold,
        "seed": key.seed,
        "config": config.as_json(),
        "config_digest": key.config,
        "reports": [report.as_json() for report in result.reports],
        "best_epoch": result.best_epoch,
        "counts": result.counts.tolist(),
        "device": result.device,
        "seconds": result.seconds,
        "weights": circumstances.weights,
        "images": dict(learnt_from.images),
        "data_fingerprint": learnt_from.fingerprint,
        "split": learnt_from.split,
        "provenance": dict(circumstances.provenance),
        "attempts": [asdict(attempt) for attempt in history],
    }


def from_json(data: Mapping[str, Any], *, attempt: int) -> CellRecord:
    """The record whose payload `to_json` made, now or in an earlier version.

    Raises:
        StoreError: For a payload that `to_json` did not make.
    """
    try:
        return _from_json(data, attempt=attempt)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise StoreError(
            f"the record is no cell's: {error!r}",
            fix="`wbcray store verify` lists all such records; the cell is trained again",
        ) from error


def _from_json(data: Mapping[str, Any], *, attempt: int) -> CellRecord:
    reports = tuple(map(EpochReport.from_json, data["reports"]))
    return CellRecord(
        key=CellKey(
            config=data["config_digest"],
            held_out=data["held_out"],
            fold=data["fold"],
            seed=data["seed"],
        ),
        config=TrialConfig.from_json(data["config"]),
        reports=reports,
        best_epoch=data["best_epoch"],
        counts=np.array(data["counts"], dtype=np.int64),
        device=data["device"],
        seconds=data["seconds"],
        weights=data.get("weights", ""),
        learnt_from=LearntFrom(
            fingerprint=data.get("data_fingerprint", ""),
            split=data.get("split", ""),
            images=data["images"],
        ),
        provenance=data["provenance"],
        attempt=attempt,
        history=tuple(Attempt(**one) for one in data.get("attempts", ())),
    )
