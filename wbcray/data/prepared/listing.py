"""The files of a domain as the file system describes them, without reading any."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wbcray.core.digest import digest, sha256_hex
from wbcray.core.errors import DataError
from wbcray.data.catalog import image_root
from wbcray.data.prepared.sources import DomainSource, View

FORMAT_VERSION = 2
"""Of the folders; one of another version is another folder."""

Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Files to be decoded, in order.

    Attributes:
        root: The folder that paths are relative to.
        paths: One per image, with `/`.
        sizes: int64 [images], bytes.
        times: int64 [images], nanoseconds since 1970 at which the file was last written.
        um_per_px: Scale of all of them, 0 where unknown.
    """

    root: Path
    paths: tuple[str, ...]
    sizes: Numbers
    times: Numbers
    um_per_px: float

    def __len__(self) -> int:
        return len(self.paths)

    def signature(self, view: View) -> str:
        """Changes when a file is added, removed or written, or is to be decoded otherwise."""
        described = {
            "format": FORMAT_VERSION,
            "view": view.name,
            "um_per_px": self.um_per_px,
            "paths": sha256_hex("\0".join(self.paths).encode()),
            "sizes": sha256_hex(self.sizes.tobytes()),
            "times": sha256_hex(self.times.tobytes()),
        }
        return digest(described)

    def has_changed(self, number: int) -> bool:
        """Whether a file is no longer the one that was listed."""
        found = stamp_of(f"{self.root}/{self.paths[number]}")
        return found != (self.sizes[number], self.times[number])


def list_files(paths: Sequence[str], source: DomainSource) -> Listing:
    """The files at `paths`, relative to the domain's folder.

    Raises:
        DataError: For a file that is not there.
    """
    root = image_root(source.root)
    found = [stamp_of(f"{root}/{path}") for path in paths]
    stamps = np.array(found, dtype=np.int64).reshape(-1, 2)
    return Listing(
        root=root,
        paths=tuple(paths),
        sizes=stamps[:, 0].copy(),
        times=stamps[:, 1].copy(),
        um_per_px=source.um_per_px,
    )


def stamp_of(path: str | Path) -> tuple[int, int]:
    """Size in bytes, and time of the last writing in nanoseconds.

    Raises:
        DataError: For a file that is not there.
    """
    try:
        status = os.stat(path)  # noqa: PTH116  # a Path for each of 50,000 files takes as long again
    except OSError as error:
        raise DataError(
            f"cannot read image: {error.strerror or error}",
            where=str(path),
            fix="restore the file from its source, or remove it from the data set",
        ) from error
    return status.st_size, status.st_mtime_ns
