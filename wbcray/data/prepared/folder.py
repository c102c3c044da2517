"""A prepared folder: pixels, index, and a seal that says what both must look like.

Opening one reads the seal and the index, and compares sizes and the time at which the pixels were
last written; every pixel is hashed only where that time is not the sealed one. What this cannot
notice is a byte that changes without the file system knowing, on a failing disk for example:
`verify` hashes everything.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wbcray.core.digest import sha256_hex
from wbcray.core.errors import ResourceError, StoreError
from wbcray.core.machine import cores
from wbcray.data.prepared.index import parse_table, read_table
from wbcray.data.prepared.listing import FORMAT_VERSION
from wbcray.data.prepared.lock import Lease, NoLocksError, share
from wbcray.data.prepared.pixel_file import PixelFile
from wbcray.data.prepared.sources import View
from wbcray.store.commit import read, replace

PIXELS = "pixels.npy"
INDEX = "index.parquet"
SEAL = "seal.json"
KIND = "prepared pixels"
_HASHED_TOGETHER = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFolder:
    """An open folder.

    Attributes:
        path: The folder.
        paths: The image files, in the order of `pixels`.
        hashes: SHA-256 of each image's pixels.
        pixels: The images.
    """

    path: Path
    paths: tuple[str, ...]
    hashes: tuple[str, ...]
    pixels: PixelFile

    def facts(self) -> Any:
        """The whole index, a `pyarrow.Table` with the columns of `index.Row`."""
        return read_table(self.path / INDEX)


def seal(folder: Path, view: View, images: int) -> None:
    """Say of a folder that it is complete.

    Raises:
        ResourceError: When the disk is full.
    """
    payload = {
        "format": FORMAT_VERSION,
        "view": view.name,
        "images": images,
        "index_sha256": sha256_hex((folder / INDEX).read_bytes()),
        "pixels": _stamp(folder),
    }
    replace(folder / SEAL, KIND, payload)


def open_folder(folder: Path, view: View) -> PreparedFolder:
    """The folder, checked as far as costs little.

    Raises:
        StoreError: When it is absent, damaged or not of this view.
    """
    try:
        sealed = read(folder / SEAL, KIND)
        opened = _open(folder, sealed, view)
        touched = sealed["pixels"] != _stamp(folder)
    except StoreError as error:
        raise _damaged(folder, error.what) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, str(error)) from error
    if touched:
        verify(opened)
        with suppress(ResourceError):  # a folder that cannot be written is hashed again next time
            seal(folder, view, len(opened.paths))
    return opened


def verify(opened: PreparedFolder) -> None:
    """Hash every image anew.

    Raises:
        StoreError: When any differs from the index; says how many, and the first.
    """
    try:
        changed = list(changed_rows(opened.pixels, opened.hashes))
    except OSError as error:
        raise _damaged(opened.path, str(error)) from error
    if changed:
        raise _damaged(
            opened.path,
            f"{len(changed)} of {len(opened.paths)} images have changed, "
            f"the first is {opened.paths[changed[0]]}",
        )


def changed_rows(pixels: PixelFile, hashes: Sequence[str]) -> Iterator[int]:
    """The images whose pixels do not have these hashes; hashed on all cores."""

    def changed(start: int) -> list[int]:
        rows = range(start, min(start + _HASHED_TOGETHER, len(hashes)))
        return [row for row in rows if hash_of(pixels.read(row)) != hashes[row]]

    with ThreadPoolExecutor(cores()) as pool:
        for found in pool.map(changed, range(0, len(hashes), _HASHED_TOGETHER)):
            yield from found


def hash_of(image: bytes) -> str:
    """The hash of an image's pixels, as it stands in the index."""
    return hashlib.sha256(image).hexdigest()


def _open(folder: Path, sealed: dict[str, Any], view: View) -> PreparedFolder:
    if (sealed["format"], sealed["view"]) != (FORMAT_VERSION, view.name):
        raise ValueError(f"it is of view {sealed['view']}, format {sealed['format']}")
    lease = _lease(folder)
    content = (folder / INDEX).read_bytes()
    if sha256_hex(content) != sealed["index_sha256"]:
        raise ValueError(f"{INDEX} has changed")
    table = parse_table(content, columns=["path", "pixel_sha256"])
    pixels = PixelFile(folder / PIXELS, lease)
    if pixels.shape != (sealed["images"], view.size, view.size, 3):
        raise ValueError(f"{PIXELS} holds {pixels.shape}")
    if table.num_rows != len(pixels):
        raise ValueError(f"{INDEX} has {table.num_rows} rows for {len(pixels)} images")
    return PreparedFolder(
        path=folder,
        paths=tuple(table["path"].to_pylist()),
        hashes=tuple(table["pixel_sha256"].to_pylist()),
        pixels=pixels,
    )


def _lease(folder: Path) -> Lease | None:
    try:
        return share(folder)
    except NoLocksError:  # then nobody can prune it either
        return None


def _stamp(folder: Path) -> list[int]:
    status = (folder / PIXELS).stat()
    return [status.st_size, status.st_mtime_ns]


def _damaged(folder: Path, reason: str) -> StoreError:
    return StoreError(
        f"the decoded pixels are damaged: {reason}",
        where=str(folder),
        fix="delete this folder; it is rebuilt from the images",
    )
