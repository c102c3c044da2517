"""The decoded pixels of a domain on disk, read image by image.

They are read by position and not through a memory map: the mapped pages of every image that was
ever looked at would count as this process's memory, and a file that another program cuts off
would end the process instead of raising an error. Both ways copy the same bytes from the page
cache, which all trials of a machine share.
"""

import os
import weakref
from pathlib import Path
from typing import Any, BinaryIO, final

import numpy as np

from wbcray.data.prepared.lock import Lease

Shape = tuple[int, int, int, int]


@final
class PixelFile:
    """An open `pixels.npy`: uint8 [images, size, size, 3]."""

    def __init__(self, path: Path, lease: Lease | None = None) -> None:
        """Open the file at `path`, and keep the lease on its folder for as long as this lives.

        Raises:
            OSError: When it cannot be opened.
            ValueError: When it is not a whole file of this kind.
        """
        with path.open("rb") as file:
            self.shape, self._start = _read_header(file)
            found = os.fstat(file.fileno()).st_size
        _, size, _, _ = self.shape
        self.image_bytes = size * size * 3
        expected = self._start + self.shape[0] * self.image_bytes
        if found != expected:
            raise ValueError(f"{path.name} has {found} bytes, not {expected}")
        self._path, self._lease = path, lease
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def __len__(self) -> int:
        return self.shape[0]

    def read_into(self, row: int, buffer: memoryview) -> None:
        """Fill `buffer`, of `image_bytes` bytes, with one image.

        Raises:
            OSError: When the file has become shorter since, or cannot be read.
        """
        done = 0
        while done < self.image_bytes:
            where = self._start + row * self.image_bytes + done
            read = os.preadv(self._descriptor, [buffer[done:]], where)
            if not read:
                raise OSError(f"image {row} is missing from {self._path}")
            done += read

    def read(self, row: int) -> bytes:
        """The bytes of one image.

        Raises:
            OSError: As `read_into`.
        """
        image = bytearray(self.image_bytes)
        self.read_into(row, memoryview(image))
        return bytes(image)


def write_header(file: BinaryIO, shape: Shape) -> None:
    """Begin a `pixels.npy` of this shape; the images follow one after the other."""
    described = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)


def _read_header(file: BinaryIO) -> tuple[Shape, int]:
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("it is a later version of the npy format")
    shape, fortran, kind = np.lib.format.read_array_header_1_0(file)
    if kind != np.uint8 or fortran or len(shape) != 4 or shape[3] != 3:  # noqa: PLR2004  # n, h, w, RGB
        raise ValueError(f"it holds {kind} {shape}")
    return _as_shape(shape), file.tell()


def _as_shape(shape: Any) -> Shape:
    images, height, width, channels = shape
    return images, height, width, channels
