"""Walk a folder of images: no hidden or system folders, each folder once, links followed."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wbcray.core.errors import DataError

_SYSTEM = frozenset({"__MACOSX", "@eaDir", "System Volume Information", "$RECYCLE.BIN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFolder:
    """The images directly in one folder.

    Attributes:
        parts: The folder's path below the root, one name each; empty for the root itself.
        names: File names of its images, sorted.
    """

    parts: tuple[str, ...]
    names: tuple[str, ...]

    def path(self, name: str) -> str:
        """The path of one of its images, relative to the root, with `/`."""
        return "/".join((*self.parts, name))


@dataclass(slots=True, kw_only=True)
class _Listing:
    """What one folder holds."""

    images: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)
    folders: list[tuple[bool, str]] = field(default_factory=list)


def hidden(name: str) -> bool:
    """Whether a file or folder of this name is none of the user's data."""
    return name.startswith(".") or name in _SYSTEM


def walk_images(root: Path, suffixes: Sequence[str]) -> Iterator[ImageFolder]:
    """Every folder at or below `root` that holds images, parents first and by name.

    A folder that links lead to twice, or back to, is walked once.

    Raises:
        DataError: For a folder that cannot be read, or images that are links to nowhere or no
            files at all.
    """
    endings = tuple(suffixes)
    seen = {_identity(root)}
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        parts = waiting.pop()
        folder = root.joinpath(*parts)
        listing = _list(folder, endings)
        if listing.dangling:
            raise _links_to_nowhere(listing.dangling, folder)
        if listing.images:
            yield ImageFolder(parts=parts, names=tuple(sorted(listing.images)))
        below = []
        # a folder before the links to it, so that images keep the path they really have
        for _, name in sorted(listing.folders):
            identity = _identity(folder / name)
            if identity not in seen:
                seen.add(identity)
                below.append((*parts, name))
        waiting += sorted(below, reverse=True)


def list_folder(folder: Path) -> list[os.DirEntry[str]]:
    """The visible entries of a folder, by name.

    Raises:
        DataError: For a folder that cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted((e for e in entries if not hidden(e.name)), key=lambda e: e.name)
    except OSError as error:
        raise DataError(
            f"cannot read the folder: {error.strerror}",
            where=str(folder),
            fix="check the path and its permissions",
        ) from None


def _list(folder: Path, endings: tuple[str, ...]) -> _Listing:
    listing = _Listing()
    for entry in list_folder(folder):
        if is_folder(entry):
            listing.folders.append((entry.is_symlink(), entry.name))
        elif not entry.name.lower().endswith(endings):
            continue
        elif _is_file(entry):
            listing.images.append(entry.name)
        elif entry.is_symlink():
            listing.dangling.append(entry.name)
        else:
            raise _no_file(folder / entry.name)
    return listing


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder or leads to one; a circle of links leads nowhere."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError as error:
        raise DataError(
            f"cannot read the folder: {error.strerror}",
            where=str(folder),
            fix="check the path and its permissions",
        ) from None
    return status.st_dev, status.st_ino


def _links_to_nowhere(names: Sequence[str], folder: Path) -> DataError:
    return DataError(
        f"{len(names)} images are links to files that do not exist (first: '{names[0]}')",
        where=str(folder),
        fix="fetch the files (with git-annex: `git annex get`), or remove the links",
    )


def _no_file(path: Path) -> DataError:
    # opening a FIFO would wait for ever
    return DataError(
        f"'{path.name}' is a FIFO, socket or device, not an image", where=str(path), fix="remove it"
    )
