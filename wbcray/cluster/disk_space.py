"""Room on the disk: how much a sitting will write, and when it is too little to start anything."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from wbcray.core.config import NetworkConfig
from wbcray.core.errors import ResourceError, UsageError
from wbcray.store.local_copy import folder_of
from wbcray.store.place import Place
from wbcray.training.settings import Settings

VARIABLE = "WBCRAY_DISK_RESERVE_MB"
"""Room to leave on the disk, in MiB, in place of the rule."""

_RESERVE_BYTES = 2 * 1024**3
_RESERVE_SHARE = 0.05
_RECORD_BYTES = 256 * 1024
"""Of a cell's records (100 epochs, 4 domains, 13 classes, with counts drawn at random: 195 KB)."""
_STATES = 5
"""An unfinished fold's state, in networks: itself, its best, the optimizer's two (together 179 MB
of a ResNet18, 377 MB of a ResNet50), and an average. SWAD holds up to six averages; where the disk
has no room for them, the state is not kept and training goes on."""
_BACKBONES: Mapping[str, tuple[int, int, int]] = {
    "resnet18": (44_744_608, 38_560, 512),
    "resnet50": (94_245_032, 212_904, 2048),
}
"""Of a backbone: its bytes, how many of them are what batch norm has seen, its features. Counted
once, as building one to count takes a driver seconds; a test counts again."""
_STATES_AT_ONCE = 3
"""`training.progress` keeps two states, and writes the next before it deletes the elder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a sitting is expected to write, in bytes.

    Attributes:
        kept: Checkpoints and records that stay.
        passing: States of unfinished folds.
    """

    kept: int
    passing: int

    @property
    def total(self) -> int:
        """Both."""
        return self.kept + self.passing


def room_for(settings: Settings, *, classes: int, cells: int, kept: int, at_once: int) -> Room:
    """What will be written.

    Args:
        settings: They name the network.
        classes: Width of its output.
        cells: Cells to be trained.
        kept: Checkpoints that stay.
        at_once: Trials that run at once.
    """
    network = network_bytes(settings.network, classes)
    return Room(
        kept=kept * network + cells * _RECORD_BYTES,
        passing=at_once * _STATES_AT_ONCE * _STATES * network,
    )


def network_bytes(config: NetworkConfig, classes: int) -> int:
    """The size of a network's checkpoint, in bytes."""
    backbone, seen, features = _BACKBONES[config.backbone]
    head = 4 * classes * (features + 1)
    return backbone + head - (seen if config.normalization == "group" else 0)


def check_room(run: Place, room: Room) -> None:
    """Refuse to begin what the disk cannot hold; a bucket has no end.

    Raises:
        ResourceError: With what is needed and what is free.
    """
    if not isinstance(run, Path):
        return
    free = free_bytes(run)
    if free < room.total:
        raise ResourceError(
            f"need about {_size(room.total)} at {run}, {_size(free)} free",
            where=str(run),
            fix="free space, put `runs:` of the project on a larger disk, or train fewer trials "
            "at once",
        )


def free_bytes(path: Path) -> int:
    """Bytes that this user may still write where `path` is or will be."""
    there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    return shutil.disk_usage(there).free


@final
class Watermark:
    """The level of free space below which nothing new is started.

    A trial that is started needs room for its states. On top of that, 2 GiB are left alone for
    others and for Ray's logs, or 5 % where the disk is small: a share alone would forbid half a
    terabyte of a disk of ten, and a fixed amount alone would forbid all of a small one.
    """

    def __init__(self, run: Place, *, needed: int = 0) -> None:
        # In the latter Ray writes.
        self._folders = (
            folder_of(run),
            Path(os.environ.get("RAY_TMPDIR") or tempfile.gettempdir()),
        )
        self._needed = needed if isinstance(run, Path) else 0
        self._given = _given_reserve()

    def too_low(self) -> ResourceError | None:
        """What is said when a disk is below its level; None while there is room."""
        for folder, needed in zip(self._folders, (self._needed, 0), strict=True):
            reserve = _usual_reserve(folder) if self._given is None else self._given
            free, level = free_bytes(folder), needed + reserve
            if free < level:
                return full_disk(str(folder), free=free, level=level)
        return None


def full_disk(where: str, *, free: int | None = None, level: int | None = None) -> ResourceError:
    """The error that ends a sitting; what is recorded stays, and the same command goes on."""
    sizes = "" if free is None or level is None else f": need {_size(level)}, {_size(free)} free"
    return ResourceError(
        f"the disk is full{sizes}",
        where=where,
        fix="free space, then run the same command again; what was finished is recorded",
    )


def _given_reserve() -> int | None:
    given = os.environ.get(VARIABLE)
    if not given:
        return None
    if not given.isdecimal():
        raise UsageError(
            f"{VARIABLE} is '{given}'",
            where="environment",
            fix="give a whole number of MiB, e.g. 2048, or unset it",
        )
    return int(given) * 1024**2


def _usual_reserve(folder: Path) -> int:
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    return min(_RESERVE_BYTES, int(_RESERVE_SHARE * shutil.disk_usage(there).total))


def _size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e8 else f"{number / 1e6:.1f} MB"  # noqa: PLR2004
