"""Leave out images of another acquisition, as the published rule `rgb` does: by their mean red.

An image that is dark throughout was taken with other settings. The mean of an image is measured
once and kept beside the decoded pixels, since it needs every file to be opened.
"""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from PIL import ImageStat

from wbcray.core.digest import digest
from wbcray.data.image_file import read_frame


def keep_clean(root: Path, paths: Sequence[str], *, limit: float, cache: Path) -> frozenset[str]:
    """Those of `paths`, relative to `root`, whose images have a mean red of at least `limit`.

    Args:
        root: Folder of the images.
        paths: Relative to it.
        limit: Mean red, 0 .. 255, below which an image is dropped.
        cache: Folder for what was measured.

    Raises:
        DataError: For an image that cannot be read.
    """
    known = cache / f"mean-red-{digest(_signatures(root, paths))}.json"
    try:
        reds = json.loads(known.read_text())
    except (OSError, ValueError):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            reds = list(pool.map(lambda path: mean_red(root / path), paths))
        _keep(known, reds)
    return frozenset(path for path, red in zip(paths, reds, strict=True) if red >= limit)


def mean_red(path: Path) -> float:
    """The mean of an image's red channel over all that is opaque, 0 .. 255.

    Raises:
        DataError: For a file that cannot be read.
    """
    return float(ImageStat.Stat(read_frame(path).image.getchannel("R")).mean[0])


def _signatures(root: Path, paths: Sequence[str]) -> list[list[str | int]]:
    files = [(path, (root / path).stat()) for path in paths]
    return [[path, status.st_size, status.st_mtime_ns] for path, status in files]


def _keep(path: Path, reds: list[float]) -> None:
    """Written under another name first, so that what is there is whole; a full disk costs time."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(reds))
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
