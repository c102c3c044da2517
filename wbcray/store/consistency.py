"""Whether an unchanged record of a cell can be right: its names, its data and its totals.

Of held-out counts only the totals are looked at, and they say nothing but how many images there
were.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from wbcray.core.config import TrialConfig
from wbcray.core.digest import canonical_json, digest
from wbcray.core.errors import StoreError
from wbcray.core.result import Counts
from wbcray.core.split import Split
from wbcray.store.cell import CellKey, key_of
from wbcray.store.intact import read_intact
from wbcray.store.record_kinds import Parts
from wbcray.store.run import load_splits


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What every cell of a run must agree with.

    `digests`: of `splits`, which are long, so that each is hashed once. `labelled`: images with a
    label by domain; empty where the run's own list of them is damaged or gone.
    """

    identity: Mapping[str, Any]
    splits: Mapping[str, Split]
    digests: Mapping[str, str]
    labelled: Mapping[str, int]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of counts: domains, classes, classes."""
        classes = len(self.identity["classes"])
        return len(self.identity["domains"]), classes, classes


def expected_of(run: Path) -> Expected | None:
    """What the cells of `run` must agree with; None where its own records are damaged or gone."""
    identity = read_intact(run / "run.json", "run")
    try:
        splits = load_splits(run)
    except StoreError:
        return None
    if identity is None:
        return None
    digests = {name: split.digest for name, split in splits.items()}
    return Expected(identity=identity, splits=splits, digests=digests, labelled=_labelled(run))


def _labelled(run: Path) -> dict[str, int]:
    data = read_intact(run / "data.json", "data")
    samples: Mapping[str, Any] = data["samples"] if data else {}
    return {
        domain: sum(label is not None for _, label in listed) for domain, listed in samples.items()
    }


def wrong_in_splits(expected: Expected, payload: Mapping[str, Any]) -> Iterator[str]:
    """What of the splits does not fit what the run was begun with."""
    named = {name: {"held_out": name} | split for name, split in payload.items()}
    if digest(named) != expected.identity["split"]:
        yield f"the splits are not those of the run, whose digest is {expected.identity['split']}"


def wrong_in_cell(expected: Expected, parts: Parts, payload: Mapping[str, Any]) -> Iterator[str]:
    """What of a cell's record cannot be right, a sentence each."""
    key = _key(payload)
    if key_of(*parts[1:3]) != key:
        yield f"the record is of {key.folder}"
    if _digest(canonical_json(payload["config"])) != key.config:
        yield f"its configuration has another digest than {key.config}"
    split = expected.splits.get(key.held_out)
    if split is None or key.fold not in range(len(split.folds)):
        yield f"the run has no fold {key.fold} without '{key.held_out}'"
        return
    yield from _wrong_origin(expected, key.held_out, payload)
    images = _images(split, key.fold)
    if dict(payload["images"]) != images:
        yield f"it names {dict(payload['images'])} images, the split has {images}"
    row = expected.identity["domains"].index(key.held_out)
    counts = [("the counts", payload["counts"])]
    counts += [(f"epoch {report['epoch']}", report["counts"]) for report in payload["reports"]]
    for name, given in counts:
        values = np.asarray(given)
        wrong = _wrong_counts(expected, values, images["validation"])
        if wrong:
            yield f"{name}: {wrong}"
        elif np.any(values[row]):
            yield f"{name}: validation counts of the domain that is held out"


def wrong_in_sealed(expected: Expected, parts: Parts, payload: Mapping[str, Any]) -> Iterator[str]:
    """What of held-out counts cannot be right, a sentence each."""
    key = key_of(*parts[1:3])
    split = expected.splits.get(key.held_out) if key else None
    if key is None or split is None:
        return
    if payload.get("cell", key.folder) != key.folder:
        yield f"the held-out counts are those of {payload['cell']}"
    counts = np.asarray(payload["counts"])
    # Without the list nobody knows how many of them have labels, but that there are no more.
    at_most = min(len(split.test), int(counts.sum()))
    images = expected.labelled.get(key.held_out, at_most)
    wrong = _wrong_counts(expected, counts, images)
    row = expected.identity["domains"].index(key.held_out)
    if wrong:
        yield f"the held-out counts: {wrong}"
    elif np.any(np.delete(counts, row, axis=0)):
        yield "the held-out counts name another domain than the one that is held out"


@lru_cache(maxsize=64)
def _digest(config: bytes) -> str:
    """Of a configuration as canonical JSON; the cells of one lie side by side."""
    return TrialConfig.from_json(json.loads(config)).digest


def _key(payload: Mapping[str, Any]) -> CellKey:
    return CellKey(
        config=payload["config_digest"],
        held_out=payload["held_out"],
        fold=payload["fold"],
        seed=payload["seed"],
    )


def _images(split: Split, fold: int) -> dict[str, int]:
    part = split.folds[fold]
    return {
        "train": len(part.train),
        "validation": len(part.validation),
        "test": len(split.test),
    }


def _wrong_origin(expected: Expected, held_out: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """Data and division it was trained on; records of schema 1 do not name them."""
    fingerprint = payload.get("data_fingerprint") or expected.identity["data_fingerprint"]
    if fingerprint != expected.identity["data_fingerprint"]:
        yield f"it was trained on other data: {fingerprint}"
    if (payload.get("split") or expected.digests[held_out]) != expected.digests[held_out]:
        yield f"it was trained on another split: {payload['split']}"


def _wrong_counts(expected: Expected, counts: Counts, images: int) -> str:
    if counts.shape != expected.shape or counts.dtype.kind != "i":
        return f"shape {counts.shape} instead of {expected.shape}"
    if counts.size and counts.min() < 0:
        return "a negative count"
    total = int(counts.sum())
    return "" if total == images else f"{total} images instead of {images}"
