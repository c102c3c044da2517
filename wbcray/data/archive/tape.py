"""The stream of a tar archive: read forwards only, unpacked as it is read, under limits."""

import io
from typing import final

from wbcray.data.archive.member import CHUNK, DamagedError, Source

MAX_HEADER_BYTES = 16_384
"""Of the long name or the extended attributes of a member. `tarfile` keeps a key for every place
in them that looks like one, up to the square of their length."""


@final
class Tape:
    """What `tarfile` reads from.

    Attributes:
        last: What was last read of headers: where an archive ends, its mark of the end.

    It never goes back: an archive whose sizes lead `tarfile` back would never end (CVE-2025-8194).
    """

    def __init__(self, stream: io.BufferedIOBase, source: Source) -> None:
        self.last = b""
        self._stream = stream
        self._source = source
        self._position = 0
        self._headers = 0

    def tell(self) -> int:
        """Bytes from the beginning."""
        return self._position

    def seek(self, position: int) -> None:
        """Go forwards to `position`, or as far as there is anything."""
        if position < self._position:
            raise DamagedError("the size of a member leads back to an earlier one")
        while self._position < position and self._take(min(CHUNK, position - self._position)):
            pass

    def read(self, size: int) -> bytes:
        """The next `size` bytes of headers, fewer at the end."""
        self._headers += size
        if self._headers > MAX_HEADER_BYTES:
            raise DamagedError(f"a member has headers of more than {MAX_HEADER_BYTES} bytes")
        self.last = self._take(size)
        return self.last

    def content(self, size: int) -> bytes:
        """The next `size` bytes of content."""
        return self._take(size)

    def finish(self) -> None:
        """Read on to the end, where packed streams have their checksum."""
        while self._take(CHUNK):
            pass

    def forget_headers(self) -> None:
        """A member's headers are behind us."""
        self._headers = 0

    def _take(self, size: int) -> bytes:
        taken = self._stream.read(size)
        self._position += len(taken)
        self._source.refuse_much(self._position)
        return taken
