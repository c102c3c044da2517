"""Unpack xz with a bound on memory, which `lzma.LZMAFile` has none of."""

import io
import lzma
from typing import final

MAX_MEMORY = 134_217_728
"""Bytes. `xz -9` needs 68 MB to unpack; a header of 30 bytes may ask for 4 GB."""
_PIECE = 16_384


@final
class XzStream(io.RawIOBase):
    """What the xz file `packed`, of one or several streams, unpacks to.

    Reading raises lzma.LZMAError for damage or a greed for memory, EOFError where it is cut off.
    """

    def __init__(self, packed: io.BufferedIOBase) -> None:
        self._packed = packed
        self._decompressor = _decompressor()
        self._rest = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a buffer is all it needs
        """As of any raw file."""
        data = b""
        while not data:
            if self._decompressor.eof:
                rest = self._decompressor.unused_data or self._packed.read(_PIECE)
                self._rest = rest.lstrip(b"\0")  # streams are padded with zeros
                if not self._rest:
                    return 0
                self._decompressor = _decompressor()
            elif self._decompressor.needs_input and not self._rest:
                self._rest = self._packed.read(_PIECE)
                if not self._rest:
                    raise EOFError("the xz stream ends early")
            data = self._decompressor.decompress(self._rest, max_length=len(buffer))
            self._rest = b""
        buffer[: len(data)] = data
        return len(data)


def _decompressor() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MAX_MEMORY)
