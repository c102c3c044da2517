"""Records of trained cells: one file an attempt, the first valid attempt counts.

Held-out counts lie in a sealed file of their own. `find` never reads it; `store/openings.py` does,
after it has written down who opens it and why.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from wbcray.core.config import TrialConfig
from wbcray.core.result import Counts, EpochReport, FoldResult, SealedCounts
from wbcray.store.commit import commit, is_valid, read

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
class CellRecord:
    """A trained cell as it was recorded, without anything of the held-out domain."""

    key: CellKey
    config: TrialConfig
    reports: tuple[EpochReport, ...]
    best_epoch: int
    counts: Counts
    device: str
    seconds: float
    images: Mapping[str, int]
    provenance: Mapping[str, Any]
    attempt: int


@final
class CellStore:
    """The cells of one run."""

    def __init__(self, run: Path) -> None:
        self._cells = run / "cells"
        self._sealed = run / "sealed"

    def find(self, key: CellKey) -> CellRecord | None:
        """The accepted record of a cell: its first attempt that is valid, sealed part and all."""
        for path in self._attempts(key):
            if is_valid(path, KIND) and is_valid(self._sealed_path(key, path.name), SEALED_KIND):
                return _from_json(read(path, KIND), attempt=_attempt_number(path))
        return None

    def keep(
        self,
        key: CellKey,
        config: TrialConfig,
        result: FoldResult,
        *,
        images: Mapping[str, int],
        provenance: Mapping[str, Any],
    ) -> CellRecord:
        """Record a finished cell; the record that counts afterwards, ours or an earlier one."""
        payload = _to_json(key, config, result, images, provenance)
        number = 1
        sealed = {"counts": result.sealed.reveal().tolist()}
        while True:
            name = f"attempt-{number:03d}.json"
            path = self._cells / key.folder / name
            # The sealed part goes first: a cell record that exists always has its other half. One
            # whose half was lost must not get ours, which is of another training.
            taken = path.exists() or not commit(self._sealed_path(key, name), SEALED_KIND, sealed)
            if not taken and commit(path, KIND, payload):
                break
            number += 1
        found = self.find(key)
        if found is None:
            raise RuntimeError(f"a record that was just committed is not valid: {key}")
        return found

    def sealed_counts(self, record: CellRecord) -> SealedCounts:
        """The held-out counts of a record, still sealed."""
        path = self._sealed_path(record.key, f"attempt-{record.attempt:03d}.json")
        return SealedCounts(np.array(read(path, SEALED_KIND)["counts"], dtype=np.int64))

    def weights_folder(self, key: CellKey) -> Path:
        """Where the cell's checkpoint is or would be."""
        return self._cells / key.folder / "weights"

    def release_weights(self, key: CellKey) -> None:
        """Delete a checkpoint that no selection needs; the record stays."""
        shutil.rmtree(self.weights_folder(key), ignore_errors=True)

    def __iter__(self) -> Iterator[CellRecord]:
        """All accepted records, by name."""
        for folder in sorted(self._cells.glob("*/*")):
            key = _key_of(folder)
            record = self.find(key) if key else None
            if record is not None:
                yield record

    def _attempts(self, key: CellKey) -> list[Path]:
        return sorted((self._cells / key.folder).glob("attempt-*.json"))

    def _sealed_path(self, key: CellKey, name: str) -> Path:
        return self._sealed / key.folder / name


def _attempt_number(path: Path) -> int:
    return int(path.stem.removeprefix("attempt-"))


def _key_of(folder: Path) -> CellKey | None:
    held_out, _, rest = folder.name.rpartition("--fold")
    fold, _, seed = rest.partition("--seed")
    if not (held_out and fold.isdigit() and seed.isdigit()):
        return None
    return CellKey(config=folder.parent.name, held_out=held_out, fold=int(fold), seed=int(seed))


def _to_json(
    key: CellKey,
    config: TrialConfig,
    result: FoldResult,
    images: Mapping[str, int],
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "held_out": key.held_out,
        "fold": key.fold,
        "seed": key.seed,
        "config": config.as_json(),
        "config_digest": key.config,
        "reports": [_report_json(report) for report in result.reports],
        "best_epoch": result.best_epoch,
        "counts": result.counts.tolist(),
        "device": result.device,
        "seconds": result.seconds,
        "images": dict(images),
        "provenance": dict(provenance),
    }


def _report_json(report: EpochReport) -> dict[str, Any]:
    return {
        "fold": report.fold,
        "epoch": report.epoch,
        "losses": dict(report.losses),
        "counts": report.counts.tolist(),
        "learning_rate": report.learning_rate,
        "seconds": report.seconds,
    }


def _from_json(data: Mapping[str, Any], *, attempt: int) -> CellRecord:
    reports = tuple(
        EpochReport(**{**report, "counts": np.array(report["counts"], dtype=np.int64)})
        for report in data["reports"]
    )
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
        images=data["images"],
        provenance=data["provenance"],
        attempt=attempt,
    )
