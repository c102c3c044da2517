"""A tar archive, plain or packed as a whole, whose members' headers `tarfile` reads."""

import bz2
import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast, final

from wbcray.data.archive.member import CHUNK, DamagedError, Member, Source
from wbcray.data.archive.tape import Tape
from wbcray.data.archive.xz import XzStream

_KINDS = {
    tarfile.SYMTYPE: "is a symbolic link",
    tarfile.LNKTYPE: "is a hard link",
    tarfile.FIFOTYPE: "is a FIFO",
    tarfile.CHRTYPE: "is a device",
    tarfile.BLKTYPE: "is a device",
    tarfile.GNUTYPE_SPARSE: "is a sparse file",
}
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)

Unpacking = Callable[[io.BufferedIOBase], io.BufferedIOBase]
"""From a packed stream to a plain one."""


def plain(file: io.BufferedIOBase) -> io.BufferedIOBase:
    """A stream that is not packed."""
    return file


def of_gzip(file: io.BufferedIOBase) -> io.BufferedIOBase:
    """What a gzip stream unpacks to."""
    return gzip.GzipFile(fileobj=file)


def of_bzip2(file: io.BufferedIOBase) -> io.BufferedIOBase:
    """What a bzip2 stream unpacks to."""
    return bz2.BZ2File(file)


def of_xz(file: io.BufferedIOBase) -> io.BufferedIOBase:
    """What an xz stream unpacks to."""
    return io.BufferedReader(XzStream(file))


@final
class TarArchive:
    """The tar archive in `file`; damage raises whatever the readers trip over.

    Each pass over it reads, and unpacks, all of it.
    """

    def __init__(self, file: io.BufferedIOBase, source: Source, unpacking: Unpacking) -> None:
        self._file = file
        self._source = source
        self._unpacking = unpacking

    def members(self) -> Iterator[Member]:
        """Its entries in order."""
        return (member for member, _ in self._pass())

    def contents(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """Its files in order with their content."""
        for member, tape in self._pass():
            if not member.is_folder:
                yield member, _chunks(tape, member.size)

    def _pass(self) -> Iterator[tuple[Member, Tape]]:
        """Every entry, with the tape at the beginning of its content."""
        self._file.seek(0)
        tape = Tape(self._unpacking(self._file), self._source)
        with tarfile.TarFile(fileobj=cast("BinaryIO", tape), mode="r") as archive:
            while (info := archive.next()) is not None:
                yield _member(info), tape
                tape.forget_headers()
                # else it keeps every member, and every key of headers that hold for all
                archive.members = []  # type: ignore[attr-defined]  # documented in tarfile
                archive.pax_headers = {}
        # it takes a damaged header in the midst, or none at all, for the end
        if tape.last != bytes(tarfile.BLOCKSIZE):
            raise DamagedError("it ends without the mark of its end; it is cut off or damaged")
        tape.finish()


def _member(info: tarfile.TarInfo) -> Member:
    faults = []
    if info.issparse():
        faults.append(_KINDS[tarfile.GNUTYPE_SPARSE])
    elif not info.isdir() and info.type not in _FILES:
        faults.append(_KINDS.get(info.type, "is neither a file nor a folder"))
    return Member(
        name=info.name,
        is_folder=info.isdir(),
        size=0 if info.isdir() else info.size,
        faults=tuple(faults),
    )


def _chunks(tape: Tape, size: int) -> Iterator[bytes]:
    while size > 0 and (chunk := tape.content(min(CHUNK, size))):
        size -= len(chunk)
        yield chunk
