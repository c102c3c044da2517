"""Remove from a cache what a project does not need as it stands; only ever when asked to."""

import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from wbcray.data.prepared.lock import NoLocksError, seize

_STORE = r"[^/]+-\d+px-(?:native|[\d.e+-]+um)-[0-9a-f]{16,}"
_FOLDER = re.compile(rf"{_STORE}|\.{_STORE}[.-]\w+")
"""Stores under their final names, and those that were never finished."""
_FILE = re.compile(r"(?:mean-red|duplicates|leakage)-([0-9a-f]{16,})(?:-[0-9a-f]+)?\.(?:json|csv)")
"""What was measured or found in images, after the key of these images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What pruning did.

    Attributes:
        removed: Folders that are gone.
        files: Files of the cache that are gone.
        kept: What another process has open, or may have, or that cannot be removed.
        freed_bytes: What the removed ones held.
    """

    removed: tuple[Path, ...]
    files: tuple[Path, ...]
    kept: tuple[Path, ...]
    freed_bytes: int


def prune(cache: Path, needed: Collection[Path], keys: Collection[str] = ()) -> Pruned:
    """Remove every store and every file of the cache that is not needed, finished or not.

    What wbcray did not write there is left alone, and so is every folder that a process has open,
    which the lock that it holds says; where the file system has no locks, all folders are kept.
    Files are read whole and closed, so nobody has one open.

    Args:
        cache: The folder that holds stores and files.
        needed: The stores in it that are to stay.
        keys: Of images whose files are to stay.
    """
    gone: dict[Path, int] = {}
    found = sorted(cache.glob("*"))  # nothing where there is no cache yet
    folders = [one for one in found if _is_store(one) and one not in needed]
    files = [one for one in found if _is_stale(one, keys)]
    for path in (*folders, *files):
        freed = _remove(path)
        if freed is not None:
            gone[path] = freed
    return Pruned(
        removed=tuple(path for path in folders if path in gone),
        files=tuple(path for path in files if path in gone),
        kept=tuple(path for path in (*folders, *files) if path not in gone),
        freed_bytes=sum(gone.values()),
    )


def _is_store(path: Path) -> bool:
    return _FOLDER.fullmatch(path.name) is not None and path.is_dir()


def _is_stale(path: Path, keys: Collection[str]) -> bool:
    known = _FILE.fullmatch(path.name)
    return known is not None and known[1] not in keys and path.is_file()


def _remove(path: Path) -> int | None:
    """The bytes that were freed; None where it has to stay."""
    try:
        return _remove_folder(path) if path.is_dir() else _remove_file(path)
    except (OSError, NoLocksError):  # it is open, or gone meanwhile, or may not be removed
        return None


def _remove_folder(folder: Path) -> int:
    lease = seize(folder, wait=False)
    try:
        freed = sum(file.stat().st_size for file in folder.iterdir())
        shutil.rmtree(folder)
    finally:
        lease.release()
    return freed


def _remove_file(file: Path) -> int:
    freed = file.stat().st_size
    file.unlink()
    return freed
