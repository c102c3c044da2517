"""What is kept of an unfinished fold, so that an interrupted one goes on after its last epochs.

A kept state is two files: `epoch-0007.<digits>.safetensors` and, written last, `epoch-0007.json`,
which names the first with its hash and says of which training it is. It is a cache: whatever goes
wrong with it costs time, never the training.
"""

import errno
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, final

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from wbcray.core.digest import sha256_hex
from wbcray.core.errors import ResourceError, UsageError, WbcrayError
from wbcray.core.result import EpochReport
from wbcray.store import commit, disk
from wbcray.store.hashed_file import write_whole
from wbcray.training.checkpoint import as_bytes
from wbcray.training.collective import least, rank
from wbcray.training.fold_state import FoldState
from wbcray.training.tensor_places import Places, places_of, put

KIND = "progress"
SECONDS_VARIABLE = "WBCRAY_CHECKPOINT_SECONDS"
"""Seconds between two kept states in place of the rule below; 0 keeps one after every epoch."""

_FIRST = 30.0
"""Seconds before the first state: what takes less is soon trained again, and what a write takes is
not known before (ResNet50 with AdamW, 377 MB: 1 s on one core and a local disk)."""

_SHARE = 0.02
"""Of the time since the fold began, for all later writes and those before them together."""

_NAME = re.compile(r"epoch-(\d{4,})\.json")
_LOG = logging.getLogger(__name__)


@final
class FoldProgress:
    """Keeps the state of one fold in a folder, and says that its training is alive.

    Args:
        folder: Where the state is kept; None keeps nothing.
        alive: Called at every step; whatever it raises ends the training.
        identity: What else a state must agree in to be gone on from.

    Attributes:
        remarks: What could not be used or written, as sentences for the history of the attempt.
        resumed: Epochs that were taken over from an earlier attempt.
    """

    def __init__(
        self, folder: Path | None, alive: Callable[[], None], identity: Mapping[str, str]
    ) -> None:
        self.alive = alive
        self.remarks: list[str] = []
        self.resumed = 0
        self._folder = folder
        self._identity = dict(identity)
        self._cadence = _cadence()
        self._began = self._last = time.monotonic()
        self._writing = 0.0
        self._needed = _SHARE * _FIRST
        self._failed = False

    @classmethod
    def none(cls) -> "FoldProgress":
        """One that keeps nothing, for training without a store."""
        return cls(None, lambda: None, {})

    def concerns(self, identity: Mapping[str, str]) -> None:
        """Add to what a state must agree in."""
        self._identity |= identity

    def newest(self, device: torch.device) -> FoldState | None:
        """The newest state that is whole and of this very training; the same on all workers."""
        if self._folder is None:
            return None
        found = next((state for state in self._usable(device)), None)
        # A shared file system may show the newest files to one worker before it does to another.
        epochs = least(found.epochs if found else 0, device)
        if found is not None and found.epochs != epochs:
            found = self._read(self._folder / _name(epochs), device) if epochs else None
        everywhere = bool(least(int(found is not None), device))
        self.resumed = epochs if everywhere else 0
        return found if everywhere else None

    def unusable(self, epochs: int, reason: str) -> None:
        """Remark that the state after so many epochs could not be gone on from."""
        self.resumed = 0
        self._remark(f"the state after {epochs} epochs is not used: {reason}")

    def due(self) -> bool:
        """Whether this worker should keep the state now."""
        if self._folder is None or rank() > 0:
            return False
        now = time.monotonic()
        if self._cadence is not None:
            return now - self._last >= self._cadence
        return self._writing + self._needed <= _SHARE * (now - self._began)

    def keep(self, state: FoldState, device: torch.device) -> None:
        """Write `state` and delete all but the one before it; a full disk is only remarked."""
        if self._folder is None:
            return
        started = time.monotonic()
        try:
            self._write(self._folder, state, device)
        except (OSError, ResourceError) as error:
            self._note_failure(error)
        self._tidy(self._folder, state.epochs)
        self._last = time.monotonic()
        self._needed = self._last - started
        self._writing += self._needed

    def _write(self, folder: Path, state: FoldState, device: torch.device) -> None:
        places = places_of(state.tensors, device)
        data = as_bytes(state.tensors)
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < 2 * len(data):
            # The last space of a disk is for records.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sha256 = sha256_hex(data)
        name = _name(state.epochs)
        # Named by its contents: two attempts that write at once never mix their files.
        tensors = folder / f"{Path(name).stem}.{sha256[:12]}.safetensors"
        write_whole(tensors, data)
        described = {
            "identity": self._identity,
            "file": tensors.name,
            "bytes": len(data),
            "sha256": sha256,
            "on_host": list(places.on_host),
            "strides": {name: list(value) for name, value in places.strides.items()},
            "schedule": dict(state.schedule),
            "steps": state.steps,
            "best_epoch": state.best_epoch,
            "best_score": state.best_score,
            "reports": [report.as_json() for report in state.reports],
            "seconds": state.seconds,
        }
        commit.replace(folder / name, KIND, described)

    def _usable(self, device: torch.device) -> Iterator[FoldState]:
        """States that can be gone on from, the newest first."""
        if self._folder is None or not self._folder.is_dir():
            return
        for epochs in _kept(self._folder)[::-1]:
            state = self._read(self._folder / _name(epochs), device)
            if state is not None:
                yield state

    def _read(self, path: Path, device: torch.device) -> FoldState | None:
        try:
            described = commit.read(path, KIND)
            differs = _differences(described["identity"], self._identity)
            if differs:
                self._remark(f"{path.name} is not used: {differs}")
                return None
            data = (path.parent / described["file"]).read_bytes()
            if sha256_hex(data) != described["sha256"]:
                self._remark(f"{path.name} is not used: its tensors do not match their hash")
                return None
            return _state(described, data, device)
        except (WbcrayError, OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            said = error.what if isinstance(error, WbcrayError) else str(error)
            self._remark(f"{path.name} is not used: {said}")
            return None

    def _tidy(self, folder: Path, epochs: int) -> None:
        """Leave the states after `epochs` and before, two in all, and no other file."""
        with suppress(OSError):
            stays = [number for number in _kept(folder) if number <= epochs][-2:]
            stems = {Path(_name(number)).stem for number in stays}
            for path in folder.iterdir():
                if path.name.partition(".")[0] not in stems:
                    disk.remove(path)

    def _note_failure(self, error: OSError | ResourceError) -> None:
        said = error.what if isinstance(error, ResourceError) else error.strerror or str(error)
        if not self._failed:
            self._failed = True
            _LOG.warning("the state of a fold cannot be kept, training goes on without: %s", said)
        self._remark(f"the state could not be kept: {said}")

    def _remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)


def _cadence() -> float | None:
    """Seconds between two states where the environment says so.

    Raises:
        UsageError: For what is no number of seconds.
    """
    given = os.environ.get(SECONDS_VARIABLE)
    if given is None:
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UsageError(
            f"{SECONDS_VARIABLE} is '{given}'",
            where="environment",
            fix="give a number of seconds, 0 for every epoch, or unset it",
        )
    return seconds


def _name(epochs: int) -> str:
    return f"epoch-{epochs:04d}.json"


def _kept(folder: Path) -> list[int]:
    """After how many epochs there are states, in rising order."""
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return sorted(int(match[1]) for match in found if match)


def _differences(found: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    names = sorted(found.keys() | wanted.keys())
    return ", ".join(
        f"{name} is {found.get(name, 'not given')}, not {wanted.get(name, 'given')}"
        for name in names
        if found.get(name) != wanted.get(name)
    )


def _state(described: Mapping[str, Any], data: bytes, device: torch.device) -> FoldState:
    strides = {name: tuple(value) for name, value in described["strides"].items()}
    places = Places(on_host=tuple(described["on_host"]), strides=strides)
    return FoldState(
        tensors=put(load(data), places, device),
        schedule=described["schedule"],
        steps=described["steps"],
        best_epoch=described["best_epoch"],
        best_score=described["best_score"],
        reports=tuple(map(EpochReport.from_json, described["reports"])),
        seconds=described["seconds"],
    )
