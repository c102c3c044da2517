"""Where the records of a run lie, found in one walk: a large run has tens of thousands."""

import os
from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from wbcray.store.record_kinds import RECORD_KINDS, Parts, RecordKind

_PATTERNS = [tuple(kind.pattern.split("/")) for kind in RECORD_KINDS]
_DEPTH = max(map(len, _PATTERNS))


def record_files(run: Path) -> Iterator[tuple[RecordKind, list[Parts]]]:
    """Each kind of record with the paths below `run` that its pattern fits, in order.

    A folder with a record's name is among them: who reads it finds it damaged.
    """
    found: dict[tuple[str, int], list[Parts]] = defaultdict(list)
    for top in sorted({pattern[0] for pattern in _PATTERNS}):
        for parts in _below(run, (top,)):
            found[top, len(parts)].append(parts)
    for kind, pattern in zip(RECORD_KINDS, _PATTERNS, strict=True):
        paths = found[pattern[0], len(pattern)]
        yield kind, sorted(parts for parts in paths if _fits(parts, pattern))


def _below(run: Path, parts: Parts) -> Iterator[Parts]:
    """A path and everything in it, as deep as records lie."""
    place = run.joinpath(*parts)
    if place.exists():
        yield parts
        yield from _within(str(place), parts)


def _within(folder: str, above: Parts) -> Iterator[Parts]:
    for entry in _entries(folder):
        parts = (*above, entry.name)
        yield parts
        if len(parts) < _DEPTH and entry.is_dir():
            yield from _within(entry.path, parts)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder: nothing where it is none, is gone, or may not be looked into."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []


def _fits(parts: Parts, pattern: Parts) -> bool:
    return all(fnmatchcase(name, wanted) for name, wanted in zip(parts, pattern, strict=True))
