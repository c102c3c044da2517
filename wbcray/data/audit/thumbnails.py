"""Small pictures as text that fits into records and pages, with nothing of a file but pixels."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from wbcray.core.errors import DataError
from wbcray.data.image_file import read_frame
from wbcray.data.images import Pixels

SIDE = 64
"""Longest side of a thumbnail, pixels."""


def of_pixels(pixels: Pixels) -> str:
    """A PNG of [size, size, 3], at most `SIDE` pixels wide, in base64."""
    return _png(Image.fromarray(np.asarray(pixels)), SIDE)


def of_file(path: Path, *, side: int = SIDE) -> str | None:
    """A PNG of the whole picture in a file, in base64; None where it cannot be read."""
    try:
        return _png(read_frame(path).image, side)
    except DataError:
        return None


def _png(image: Image.Image, side: int) -> str:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.BICUBIC)
    # Pillow carries comments, EXIF, XMP and colour profiles along; a picture made of bytes has none
    small = Image.frombytes(small.mode, small.size, small.tobytes())
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
