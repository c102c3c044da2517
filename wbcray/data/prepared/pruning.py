"""Remove prepared folders that nobody needs any more; only ever when asked to."""

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbcray.data.prepared.filling import Wanted
from wbcray.data.prepared.lock import Lease, NoLocksError, seize


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What pruning did.

    Attributes:
        removed: Folders that are gone.
        kept: Folders that another process has open, or may have.
        freed_bytes: What the removed ones held.
    """

    removed: tuple[Path, ...]
    kept: tuple[Path, ...]
    freed_bytes: int


def prune(needed: Sequence[Wanted]) -> Pruned:
    """Remove what is not `needed` of these domains in these views, finished or not.

    Folders of other domains and views are left alone, and so is every folder that a process has
    open, which the lock that it holds says; where the file system has no locks, all are kept.
    """
    removed, kept, freed = [], [], 0
    for folder in sorted({stale for wanted in needed for stale in _stale(wanted)}):
        lease = _to_oneself(folder)
        if lease is None:
            kept.append(folder)
            continue
        freed += sum(file.stat().st_size for file in folder.iterdir())
        shutil.rmtree(folder)
        lease.release()
        removed.append(folder)
    return Pruned(removed=tuple(removed), kept=tuple(kept), freed_bytes=freed)


def _stale(wanted: Wanted) -> Iterator[Path]:
    base, _, _ = wanted.folder.name.rpartition("-")
    ours = re.compile(rf"{re.escape(base)}-[0-9a-f]+|\.{re.escape(base)}-[0-9a-f]+[.-]\w+")
    for path in wanted.folder.parent.glob("*"):  # none where there is no cache yet
        if path != wanted.folder and ours.fullmatch(path.name) and path.is_dir():
            yield path


def _to_oneself(folder: Path) -> Lease | None:
    try:
        return seize(folder, wait=False)
    except (BlockingIOError, FileNotFoundError, NoLocksError):
        return None
