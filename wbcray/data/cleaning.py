"""Leave out images of another acquisition, as the published rule `rgb` does: by their mean red.

An image that is dark throughout was taken with other settings. The mean of an image is measured
once and kept beside the decoded pixels, since it needs every file to be opened.
"""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageStat

from wbcray.core.digest import digest
from wbcray.core.errors import DataError
from wbcray.core.machine import cores
from wbcray.data.image_file import read_frame

_MOST = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """What a cleaning rule keeps.

    Attributes:
        paths: Of the images that are kept.
        key: Hash in the name of the cache file `mean-red-<key>.json` that holds the measurement.
    """

    paths: frozenset[str]
    key: str


def keep_clean(root: Path, paths: Sequence[str], *, limit: float, cache: Path) -> Clean:
    """Those of `paths`, relative to `root`, whose images have a mean red of at least `limit`.

    An image that cannot be read is kept, so that decoding or the audit names all of them together.

    Args:
        root: Folder of the images.
        paths: Relative to it.
        limit: Mean red, 0 .. 255, below which an image is dropped.
        cache: Folder for what was measured.
    """
    key = digest(_signatures(root, paths))
    known = cache / f"mean-red-{key}.json"
    reds = _known(known, len(paths))
    unknown = [number for number, red in enumerate(reds) if red is None]
    if unknown:
        found = _measure([root / paths[number] for number in unknown])
        for number, red in zip(unknown, found, strict=True):
            reds[number] = red
        _keep(known, reds)
    measured = zip(paths, reds, strict=True)
    kept = frozenset(path for path, red in measured if red is None or red >= limit)
    return Clean(paths=kept, key=key)


def mean_red(path: Path) -> float:
    """The mean of an image's red channel over all that is opaque, 0 .. 255.

    Raises:
        DataError: For a file that cannot be read.
    """
    return float(ImageStat.Stat(read_frame(path).image.getchannel("R")).mean[0])


def _measure(files: Sequence[Path]) -> list[float | None]:
    """The mean red of each file, None for one that cannot be read."""

    def measure_one(path: Path) -> float | None:
        try:
            return mean_red(path)
        except DataError:
            return None

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(measure_one, files))


def _known(path: Path, images: int) -> list[float | None]:
    """What was measured before; nothing of it, where the file is absent or damaged."""
    try:
        reds = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        reds = None
    if isinstance(reds, list) and len(reds) == images and all(map(_is_red, reds)):
        return reds
    return [None] * images


def _is_red(value: object) -> bool:
    """Whether it is a mean that was measured, or says that none could be."""
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST


def _signatures(root: Path, paths: Sequence[str]) -> list[list[str | int]]:
    files = [(path, (root / path).stat()) for path in paths]
    return [[path, status.st_size, status.st_mtime_ns] for path, status in files]


def _keep(path: Path, reds: Sequence[float | None]) -> None:
    """Written under another name first, so that what is there is whole; a full disk costs time."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(list(reds)))
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
