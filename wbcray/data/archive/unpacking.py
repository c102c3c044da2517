"""Unpack an archive: all of it, or nothing is left behind."""

import errno
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wbcray.core.errors import DataError, RefusedError, ResourceError
from wbcray.data.archive.index import ArchiveFile, ArchiveIndex
from wbcray.data.archive.member import LIMITS, Limits
from wbcray.data.archive.opening import OpenArchive, open_archive

_BLOCK = 4096
"""Bytes that a file may take more than it holds, on most disks."""


def unpack(path: Path, folder: Path, limits: Limits = LIMITS) -> ArchiveIndex:
    """Unpack the files of the archive at `path` into `folder`; gives what was unpacked.

    They are written beside `folder`, each no longer than declared, and renamed when all are there.
    Modes, times and owners of the archive are not taken over.

    Raises:
        DataError: For an archive that is damaged or holds what a data set does not.
        RefusedError: Where `folder` is there and not empty.
        ResourceError: For a file that is not there, or a disk that is full or fails.
    """
    _refuse_occupied(folder)
    with open_archive(path, limits) as archive, _beside(folder) as unfinished:
        _refuse_full_disk(archive.index, unfinished)
        for file, content in _files(archive, path):
            _write(unfinished / file.path, file, content, path)
        with _disk_errors(folder):
            unfinished.rename(folder)
        return archive.index


def _refuse_occupied(folder: Path) -> None:
    with _disk_errors(folder):
        free = not folder.is_symlink() and (
            not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
        )
    if not free:
        raise RefusedError(
            "there is something already where the archive should be unpacked",
            where=str(folder),
            fix="name a new or an empty folder",
        )


def _refuse_full_disk(index: ArchiveIndex, unfinished: Path) -> None:
    needed = index.size + _BLOCK * len(index.files)
    free = shutil.disk_usage(unfinished).free
    if needed > free:
        raise ResourceError(
            f"the archive unpacks to {needed / 1e9:.2f} GB, the disk has {free / 1e9:.2f} GB free",
            where=str(unfinished.parent),
            fix="free space, or unpack on another disk",
        )


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder`; it and what was made above it go again on any failure."""
    above = [one for one in folder.absolute().parents if not one.exists()]
    unfinished = folder.absolute().with_name(f".{folder.absolute().name}.{uuid.uuid4().hex}")
    try:
        with _disk_errors(folder):
            unfinished.mkdir(parents=True)
        yield unfinished
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        for made in above:
            with suppress(OSError):  # another may have put something there meanwhile
                made.rmdir()
        raise


def _files(archive: OpenArchive, path: Path) -> Iterator[tuple[ArchiveFile, Iterable[bytes]]]:
    """The files of the index with their content, as long as the archive still has them so."""
    waiting = iter(archive.index.files)
    for member, content in archive.content.contents():
        file = next(waiting, None)
        if file is None or file.member != member:
            raise _changed(path)
        yield file, content
    if next(waiting, None) is not None:
        raise _changed(path)


def _write(target: Path, file: ArchiveFile, content: Iterable[bytes], path: Path) -> None:
    declared, written = file.member.size, 0
    with _disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        out = target.open("xb")
    with out:
        for chunk in content:
            written += len(chunk)
            if written > declared:
                break
            with _disk_errors(target):
                out.write(chunk)
        with _disk_errors(target):
            out.flush()
    if written != declared:
        more = "more" if written > declared else f"{declared - written} fewer"
        raise DataError(
            f"'{file.path}' unpacks to {more} than the {declared} bytes that are declared",
            where=str(path),
            fix="get the archive anew from its source",
        )


def _changed(path: Path) -> DataError:
    return DataError(
        "the archive was written while it was being unpacked",
        where=str(path),
        fix="run the command again when nothing writes there",
    )


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise ResourceError(
            f"cannot unpack: {'the disk is full' if full else error.strerror}",
            where=str(target),
            fix="free space, or unpack on another disk" if full else "check the path and the disk",
        ) from error
