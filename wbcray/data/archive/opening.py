"""Open an archive of any format that is read, told by its first bytes."""

import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

from wbcray.core.errors import DataError, ResourceError
from wbcray.data.archive.index import ArchiveIndex, checked_index
from wbcray.data.archive.member import LIMITS, DamagedError, Limits, Source
from wbcray.data.archive.tarred import (
    TarArchive,
    Unpacking,
    of_bzip2,
    of_gzip,
    of_xz,
    plain,
)
from wbcray.data.archive.zipped import ZipArchive

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz")
"""What archives that are read are usually called; what they are is told by their content."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PACKED_TARS: dict[bytes, Unpacking] = {
    b"\x1f\x8b": of_gzip,
    b"BZh": of_bzip2,
    b"\xfd7zXZ\0": of_xz,
}
_OTHERS = {b"Rar!": "a RAR", b"7z\xbc\xaf'\x1c": "a 7z", b"\x28\xb5\x2f\xfd": "a Zstandard"}
_MARK, _MARK_AT = b"ustar", 257
_HEAD = 512
_DAMAGE = (
    DamagedError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    # what the readers of the standard library trip over in damaged bytes
    struct.error,
    ValueError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    IndexError,
)

Archive = ZipArchive | TarArchive


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenArchive:
    """An archive whose index has been checked; open as long as the `with` it comes from."""

    index: ArchiveIndex
    content: Archive


@contextmanager
def open_archive(path: Path, limits: Limits = LIMITS) -> Iterator[OpenArchive]:
    """Open the archive at `path` and check its index; what fails inside the `with` is damage, too.

    Raises:
        DataError: For a file that is no archive, one that is damaged, or an index with anything
            in it that a data set has not.
        ResourceError: For a file that is not there or cannot be read.
    """
    with _damage_is_a_data_error(path), _regular_file(path).open("rb") as file:
        source = Source(path=path, size=path.stat().st_size, limits=limits)
        archive = _of_its_format(file, source)
        yield OpenArchive(index=checked_index(archive.members(), source), content=archive)


def read_index(path: Path, limits: Limits = LIMITS) -> ArchiveIndex:
    """The checked index of the archive at `path`.

    Raises:
        DataError: As `open_archive`.
        ResourceError: Likewise.
    """
    with open_archive(path, limits) as archive:
        return archive.index


@contextmanager
def _damage_is_a_data_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise _unreadable(path, error) from error
        raise _damaged(path, error) from error  # bad gzip and bzip2 are OSErrors without a number
    except _DAMAGE as error:
        raise _damaged(path, error) from error


def _regular_file(path: Path) -> Path:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):  # opening a FIFO would wait for ever
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise DataError(f"this is {what}, not an archive", where=str(path), fix="name the archive")
    return path


def _of_its_format(file: io.BufferedIOBase, source: Source) -> Archive:
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith(_ZIP):
        return ZipArchive(file, source)
    for mark, unpacking in _PACKED_TARS.items():
        if head.startswith(mark):
            return TarArchive(file, source, unpacking)
    if head[_MARK_AT:].startswith(_MARK):
        return TarArchive(file, source, plain)
    raise _not_an_archive(head, source.path)


def _not_an_archive(head: bytes, path: Path) -> DataError:
    other = next((name for mark, name in _OTHERS.items() if head.startswith(mark)), "")
    if other:
        return DataError(
            f"this is {other} archive; read are zip, tar, tar.gz, tar.xz and tar.bz2",
            where=str(path),
            fix="unpack it with its own program",
        )
    start = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in head[:16])  # noqa: PLR2004  # printable ASCII
    what = f"it starts with '{start}'" if head else "it is empty"
    return DataError(
        f"this is not a zip or tar archive: {what}",
        where=str(path),
        fix="did the download fail? get it anew",
    )


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"the archive is damaged or cut off: {str(error) or type(error).__name__}",
        where=str(path),
        fix="get it anew from its source, and compare its checksum where one is published",
    )


def _unreadable(path: Path, error: OSError) -> ResourceError:
    return ResourceError(
        f"cannot read the archive: {error.strerror}",
        where=str(path),
        fix="check the path, its permissions and the disk",
    )
