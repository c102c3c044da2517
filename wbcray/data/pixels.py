"""Decoded images on disk, once: a memory map per domain that all trials of a machine share.

A prepared domain is a folder `<name>-<view>-<signature>` with `pixels.npy` (uint8
[images, size, size, 3]) and `index.json` (paths, file signatures, hash of every image's pixels).
It is written under another name and renamed when complete, so a folder that exists is whole; two
processes that prepare the same domain at once write the same bytes and one of them wins.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wbcray.core.digest import digest, sha256_hex
from wbcray.core.errors import DataError, ResourceError, StoreError
from wbcray.core.sample import Catalog, Sample
from wbcray.data.catalog import image_root
from wbcray.data.images import Pixels, decode

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How images are looked at before any network: size in pixels and field of view."""

    size: int
    field_of_view_um: float | None = None

    @property
    def name(self) -> str:
        """A short name for folders, e.g. `64px-native`."""
        field = "native" if self.field_of_view_um is None else f"{self.field_of_view_um:g}um"
        return f"{self.size}px-{field}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSource:
    """Where a domain's files are and how large a pixel is (0 where unknown)."""

    root: Path
    um_per_px: float = 0.0


@dataclass(frozen=True, slots=True)
class PixelStore:
    """The pixels of a catalog, in catalog order.

    Attributes:
        maps: One memory map per domain, in the catalog's domain order.
        starts: int64 [domains], the catalog position of each domain's first image.
        fingerprint: Hash over every image's path, label, patient and decoded pixels.
        folders: The prepared folder of each domain, in the catalog's domain order.
    """

    maps: tuple[Pixels, ...]
    starts: "np.ndarray[Any, np.dtype[np.int64]]"
    fingerprint: str
    folders: tuple[Path, ...]

    def gather(self, positions: "np.ndarray[Any, np.dtype[np.int64]]") -> Pixels:
        """uint8 [n, size, size, 3]: the images at these catalog positions."""
        domain = np.searchsorted(self.starts, positions, side="right") - 1
        images = np.empty((len(positions), *self.maps[0].shape[1:]), dtype=np.uint8)
        for number in np.unique(domain):
            chosen = domain == number
            images[chosen] = self.maps[number][positions[chosen] - self.starts[number]]
        return images


Progress = Callable[[str, int, int], None]
"""Called with a domain's name, images decoded so far, images in all."""


def prepare(
    catalog: Catalog,
    sources: Mapping[str, DomainSource],
    view: View,
    cache: Path,
    *,
    on_progress: Progress | None = None,
) -> PixelStore:
    """The pixel store of `catalog`, decoding only what the cache does not have.

    Raises:
        DataError: For an image that cannot be read, leaving none of its domain behind; for a
            field of view in micrometres where a domain's scale is not known.
        ResourceError: When the cache cannot be written, e.g. on a full disk.
        StoreError: For a cache folder that was damaged.
    """
    if view.field_of_view_um is not None:
        _refuse_unknown_scales(sources)
    folders = []
    for domain in catalog.domains:
        samples = _of_domain(catalog, domain)
        folders.append(_prepare_domain(domain, samples, sources[domain], view, cache, on_progress))
    return open_prepared(catalog, folders, view)


def open_prepared(catalog: Catalog, folders: Sequence[Path], view: View) -> PixelStore:
    """The pixel store in folders that `prepare` made; reads no image file.

    Raises:
        StoreError: For a folder that is absent or damaged.
    """
    maps, starts, hashes, position = [], [], [], 0
    for domain, folder in zip(catalog.domains, folders, strict=True):
        samples = _of_domain(catalog, domain)
        pixels, image_hashes = _open(folder, len(samples), view)
        maps.append(pixels)
        starts.append(position)
        position += len(samples)
        hashes += [
            [domain, sample.path, sample.label, sample.patient, image_hash]
            for sample, image_hash in zip(samples, image_hashes, strict=True)
        ]
    fingerprint = digest({"view": view.name, "images": hashes}, length=32)
    return PixelStore(tuple(maps), np.array(starts, dtype=np.int64), fingerprint, tuple(folders))


def _of_domain(catalog: Catalog, domain: str) -> list[Sample]:
    return [sample for sample in catalog.samples if sample.domain == domain]


def _refuse_unknown_scales(sources: Mapping[str, DomainSource]) -> None:
    for name, source in sources.items():
        if source.um_per_px <= 0:
            raise DataError(
                f"domain '{name}' does not say how large a pixel is, which a field of view in "
                "micrometres needs",
                where=f"wbcray.yaml, `domains: {name}:`",
                fix="add `um_per_px` to it, or set `field_of_view: native`",
            )


def _signature(samples: Sequence[Sample], source: DomainSource, view: View) -> str:
    """Changes when a file is added, removed or written, without reading any file."""
    root = image_root(source.root)
    files = []
    for sample in samples:
        stat = (root / sample.path).stat()
        files.append([sample.path, stat.st_size, stat.st_mtime_ns])
    described = {"format": FORMAT_VERSION, "view": view.name, "files": files}
    return digest(described | {"um_per_px": source.um_per_px})


def _prepare_domain(
    domain: str,
    samples: Sequence[Sample],
    source: DomainSource,
    view: View,
    cache: Path,
    on_progress: Progress | None,
) -> Path:
    folder = cache / f"{domain}-{view.name}-{_signature(samples, source, view)}"
    if folder.exists():
        return folder
    unfinished = None
    try:
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=cache))
        hashes = _decode_all(domain, samples, source, view, unfinished, on_progress)
        index = {"paths": [sample.path for sample in samples], "pixel_sha256": hashes}
        (unfinished / "index.json").write_text(json.dumps(index))
        _rename_into_place(unfinished, folder)
    except OSError as error:
        raise ResourceError(
            f"cannot keep the decoded pixels of '{domain}': {error.strerror or error}",
            where=str(cache),
            fix="free space, or set `cache:` in wbcray.yaml to a folder that can be written",
        ) from error
    finally:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _decode_all(
    domain: str,
    samples: Sequence[Sample],
    source: DomainSource,
    view: View,
    folder: Path,
    on_progress: Progress | None,
) -> list[str]:
    root = image_root(source.root)
    shape = (len(samples), view.size, view.size, 3)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}

    def decode_one(sample: Sample) -> Pixels:
        return decode(
            root / sample.path,
            size=view.size,
            crop_um=view.field_of_view_um,
            um_per_px=source.um_per_px,
        )

    hashes = []
    # Pillow decodes and resizes outside the interpreter lock, so threads use all cores. The file is
    # written in order, not through a memory map: a full disk would kill the process there.
    with ThreadPoolExecutor(os.cpu_count()) as pool, (folder / "pixels.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for number, image in enumerate(pool.map(decode_one, samples)):
            file.write(image.tobytes())
            hashes.append(sha256_hex(image.tobytes())[:32])
            if on_progress is not None:
                on_progress(domain, number + 1, len(samples))
        file.flush()
        os.fsync(file.fileno())
    return hashes


def _rename_into_place(unfinished: Path, folder: Path) -> None:
    try:
        unfinished.rename(folder)
    except OSError:
        if not folder.exists():  # another process finishing first is no error
            raise


def _open(folder: Path, images: int, view: View) -> tuple[Pixels, list[str]]:
    try:
        pixels = np.load(folder / "pixels.npy", mmap_mode="r")
        hashes = json.loads((folder / "index.json").read_text())["pixel_sha256"]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, str(error)) from error
    if pixels.shape != (images, view.size, view.size, 3) or len(hashes) != images:
        raise _damaged(folder, f"holds {pixels.shape}, expected {images} images")
    return pixels, hashes


def _damaged(folder: Path, reason: str) -> StoreError:
    return StoreError(
        f"the decoded pixels are damaged: {reason}",
        where=str(folder),
        fix="delete this folder; it is rebuilt from the images",
    )
