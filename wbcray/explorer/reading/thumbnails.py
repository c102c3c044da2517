"""Small pictures of a run's images from its decoded pixels, with how long a micrometre is in them.

Nothing but pixels travels: pictures are made of arrays, and an image is named by its id alone.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wbcray.core.errors import ResourceError, StoreError
from wbcray.data.prepared.folder import INDEX, PIXELS, hash_of
from wbcray.data.prepared.index import parse_table
from wbcray.data.prepared.pixel_file import PixelFile
from wbcray.explorer.reading.outputs import image_names
from wbcray.explorer.reading.tables import RunTables
from wbcray.store.commit import read

SIDE = 112
"""Most pixels of a thumbnail along a side."""

_QUALITY = 88
"""Of JPEG: a picture takes 4 kB where PNG takes 25."""

_KEPT_RUNS = 2
_DATA = "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A picture.

    Attributes:
        uri: A `data:` address.
        um: Width of what it shows in micrometres; None where the scale is not known.
    """

    uri: str
    um: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the pixels of the run's images are, and how large they are."""

    places: dict[str, tuple[str, str]]
    folders: dict[str, Path]
    um_per_px: dict[str, float]
    size: int
    field_of_view_um: float | None


def thumbnails(tables: RunTables, images: Sequence[str]) -> dict[str, Thumbnail]:
    """Pictures of the images with these ids, as far as their decoded pixels are still there.

    The decoded pixels are a cache; a picture whose pixels are gone or have changed is left out.
    """
    source = _source_of(tables)
    if source is None:
        return {}
    wanted = [(name, *source.places[name]) for name in images if name in source.places]
    found: dict[str, Thumbnail] = {}
    for domain in dict.fromkeys(domain for _, domain, _ in wanted):
        own = [(name, path) for name, of, path in wanted if of == domain]
        try:
            found |= _of_domain(source, domain, own)
        except (OSError, ValueError, KeyError):  # a damaged or pruned cache
            continue
    return found


def _source_of(tables: RunTables) -> _Source | None:
    names = image_names(tables)
    if tables.folder is None or not names:
        return None
    try:
        changed = (tables.folder / f"{_DATA}.json").stat().st_mtime_ns
        return _parsed(tables.folder, names, changed)
    except (OSError, StoreError, ResourceError, KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=_KEPT_RUNS)
def _parsed(run: Path, names: tuple[str, ...], _changed: int) -> _Source:
    data = read(run / f"{_DATA}.json", _DATA)
    domains = [str(name) for name in data["domains"]]
    listed = [(name, str(row[0])) for name in domains for row in data["samples"][name]]
    field = data["field_of_view_um"]
    return _Source(
        places=dict(zip(names, listed, strict=True)),
        folders=dict(zip(domains, map(Path, data["pixels"]), strict=True)),
        um_per_px={name: float(data["sources"][name][1]) for name in domains},
        size=int(data["size"]),
        field_of_view_um=None if field is None else float(field),
    )


@lru_cache(maxsize=8)
def _index(folder: Path, _changed: int) -> dict[str, tuple[int, str, int]]:
    """Row, hash and shorter side (pixels of the file) of each path."""
    columns = ["path", "pixel_sha256", "width", "height"]
    table = parse_table((folder / INDEX).read_bytes(), columns=columns)
    values: list[list[Any]] = [table[name].to_pylist() for name in columns]
    return {
        str(path): (row, str(sha), min(int(width), int(height)))
        for row, (path, sha, width, height) in enumerate(zip(*values, strict=True))
    }


def _of_domain(source: _Source, domain: str, images: list[tuple[str, str]]) -> dict[str, Thumbnail]:
    folder = source.folders[domain]
    index = _index(folder, (folder / INDEX).stat().st_mtime_ns)
    pixels = PixelFile(folder / PIXELS)
    found = {}
    for name, path in images:
        row, sha, side = index[path]
        data = pixels.read(row)
        if hash_of(data) != sha:
            continue
        um = source.field_of_view_um
        if um is None and source.um_per_px[domain] > 0:
            um = side * source.um_per_px[domain]  # the largest centre square was decoded
        found[name] = Thumbnail(uri=_uri(data, source.size), um=um)
    return found


def _uri(data: bytes, size: int) -> str:
    image = Image.fromarray(np.frombuffer(data, dtype=np.uint8).reshape(size, size, 3))
    if size > SIDE:
        image = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
