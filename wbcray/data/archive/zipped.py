"""A zip archive, read by `zipfile` with an index of bounded size."""

import io
import stat
import zipfile
from collections.abc import Iterator
from typing import final

from wbcray.data.archive.member import CHUNK, DamagedError, Member, Source

MAX_INDEX_BYTES = 32_000_000
"""`zipfile` reads the index in one piece and keeps 0.6 kB for each of its entries of 46 bytes or
more."""

_METHODS = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 99: "AES"}
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_LOCAL_HEADER_BYTES = 30
_END_BYTES, _LONGEST_COMMENT = 22, 65_535
_KINDS = {
    stat.S_IFLNK: "is a symbolic link",
    stat.S_IFIFO: "is a FIFO",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


@final
class ZipArchive:
    """The zip archive in `file`; damage raises whatever `zipfile` trips over."""

    def __init__(self, file: io.BufferedIOBase, source: Source) -> None:
        self._size = source.size
        self._zip = zipfile.ZipFile(_BoundedReads(file))
        _refuse_lost_entries(len(self._zip.infolist()), file, source.size)

    def members(self) -> Iterator[Member]:
        """Its entries in order."""
        shared = self._sharing()
        for number, info in enumerate(self._zip.infolist()):
            yield _member(info, shares=number in shared)

    def contents(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """Its files in order with their content."""
        for info in self._zip.infolist():
            if not info.is_dir():
                yield _member(info), self._chunks(info)

    def _chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with self._zip.open(info) as content:
            while chunk := content.read(CHUNK):
                yield chunk

    def _sharing(self) -> set[int]:
        """The entries whose bytes are, at least in part, those of another or of no one.

        One piece of deflated zeros under a million names is the smallest bomb there is:
        https://www.bamsoftware.com/hacks/zipbomb/
        """
        infos = self._zip.infolist()
        order = sorted(range(len(infos)), key=lambda number: infos[number].header_offset)
        ends = [infos[number].header_offset for number in order[1:]] + [self._size]
        return {
            number
            for number, end in zip(order, ends, strict=False)  # none, and one end, if empty
            if infos[number].header_offset < 0
            or infos[number].header_offset + _LOCAL_HEADER_BYTES + infos[number].compress_size > end
        }


def _refuse_lost_entries(found: int, file: io.BufferedIOBase, size: int) -> None:
    """Do nothing where the index is as long as the end of the archive says.

    `zipfile` takes what it finds: one bit that changed, and an entry hides those after it.
    """
    file.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT))
    tail = file.read()
    end = tail[tail.rfind(b"PK\x05\x06") :]
    declared = int.from_bytes(end[10:12], "little")
    # larger numbers stand elsewhere, or are cut to their lower half
    if declared not in (found % 2**16, 2**16 - 1):
        raise DamagedError(f"its index has {found} entries, its end says {declared}")


def _member(info: zipfile.ZipInfo, *, shares: bool = False) -> Member:
    kind = stat.S_IFMT(info.external_attr >> 16)
    faults = []
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        faults.append(_KINDS.get(kind, "is neither a file nor a folder"))
    if info.flag_bits & _ENCRYPTED:
        faults.append("is encrypted")
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        method = _METHODS.get(info.compress_type, f"method {info.compress_type}")
        faults.append(f"is compressed by {method}; only deflate is read")
    if info.is_dir() and info.file_size:
        faults.append("is a folder with content")
    if shares:
        faults.append("shares its bytes with another member")
    # `filename` ends at a NUL and has the separators of this system
    return Member(
        name=info.orig_filename,
        is_folder=info.is_dir(),
        size=info.file_size,
        faults=tuple(faults),
    )


class _BoundedReads(io.RawIOBase):
    """A file that is never read in pieces larger than an index may be."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes; without a size, which is how the end is read, 32 MB."""
        wanted = MAX_INDEX_BYTES if size is None or size < 0 else size
        if wanted > MAX_INDEX_BYTES:
            raise DamagedError(f"its index has {size} bytes, more than {MAX_INDEX_BYTES}")
        return self._file.read(wanted)
