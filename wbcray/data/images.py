"""Decode one image file to square 8-bit RGB at the working size and field of view."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wbcray.core.errors import DataError
from wbcray.data.image_file import FORMATS, MAX_PIXELS, Frame, read_frame

__all__ = ["FORMATS", "MAX_PIXELS", "Decoded", "Pixels", "decode", "decode_measured", "field_in_px"]

PADDED_SHARE = 0.02
"""An image may be smaller than the field of view by this share of it, and is then continued by
repeating its edge. More would be made up, and would mark the images of one domain."""

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A decoded image, and what its file looked like.

    Attributes:
        pixels: uint8 [size, size, 3].
        width: Of the picture in the file, pixels.
        height: Likewise.
        mean: Mean of red, green and blue over all that is opaque in the file, 0 .. 255.
    """

    pixels: Pixels
    width: int
    height: int
    mean: tuple[float, float, float]


def decode(
    path: Path, *, size: int, crop_um: float | None = None, um_per_px: float = 0.0
) -> Pixels:
    """uint8 [size, size, 3]: the middle of the image, antialiased to `size`.

    Args:
        path: PNG, JPEG, TIFF or BMP with 8 bits per channel.
        size: Side of the result in pixels.
        crop_um: Side of the field of view in micrometres; None takes the largest centre square.
        um_per_px: Scale of the file, needed with `crop_um`.

    Raises:
        DataError: For a file that cannot be decoded without loss of meaning, or that shows less
            than the field of view.
    """
    return decode_measured(path, size=size, crop_um=crop_um, um_per_px=um_per_px).pixels


def decode_measured(
    path: Path, *, size: int, crop_um: float | None = None, um_per_px: float = 0.0
) -> Decoded:
    """As `decode`, with the size and mean colour of the whole picture.

    Raises:
        DataError: As `decode`.
    """
    frame = read_frame(path)
    if crop_um is None:
        square = _centre_square(frame, min(frame.image.size))
    else:
        side = field_in_px(crop_um, um_per_px)
        _refuse_small(frame, side, crop_um, um_per_px, path)
        square = _centre_square(frame, side)
    resized = square.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return Decoded(
        pixels=np.asarray(resized, dtype=np.uint8),
        width=frame.width,
        height=frame.height,
        mean=_mean(frame.image),
    )


def field_in_px(crop_um: float, um_per_px: float) -> int:
    """Side of a field of view in pixels of the file, rounded to the nearest.

    25 um are 345 px at 13.8 px/um, 250 px at 10 px/um and 288 px at 11.52 px/um, whether
    `um_per_px` is given exactly or rounded to three digits (0.0725, 0.1, 0.0868).
    """
    return round(crop_um / um_per_px)


def _centre_square(frame: Frame, side: int) -> Image.Image:
    """A square around the middle of the whole picture, moved as little as the opaque part asks.

    The middle is that of the file and not of its opaque part: the cell was put there, and a border
    is transparent on the side where the scan ended.
    """
    image = frame.image
    left = _begin(frame.width, side, frame.left, image.width)
    top = _begin(frame.height, side, frame.top, image.height)
    square = image.crop((left, top, min(left + side, image.width), min(top + side, image.height)))
    return square if square.size == (side, side) else _padded(square, side)


def _begin(whole: int, side: int, offset: int, opaque: int) -> int:
    """Where a crop begins along one axis, in pixels of the opaque part."""
    return max(0, min((whole - side) // 2 - offset, opaque - side))


def _padded(image: Image.Image, side: int) -> Image.Image:
    """The image in the middle of a square of `side`, its edge repeated outwards."""
    wide, high = side - image.width, side - image.height
    margins = ((high // 2, high - high // 2), (wide // 2, wide - wide // 2), (0, 0))
    return Image.fromarray(np.pad(np.asarray(image), margins, mode="edge"))


def _refuse_small(frame: Frame, side: int, crop_um: float, um_per_px: float, path: Path) -> None:
    shortest = min(frame.image.size)
    if shortest >= side * (1 - PADDED_SHARE):
        return
    width, height = frame.image.size
    bordered = (width, height) != (frame.width, frame.height)
    part = "opaque part of the image" if bordered else "image"
    largest = math.floor(shortest * um_per_px * 10) / 10
    raise DataError(
        f"the {part} has {width}x{height} px, and a field of view of {crop_um:g} um needs "
        f"{side}x{side} px",
        where=str(path),
        fix=f"set `field_of_view` to {largest:g} or less or to native, or leave the image out "
        "with `ignore:`",
    )


def _mean(image: Image.Image) -> tuple[float, float, float]:
    # by way of the histogram: exact, and no copy of the pixels
    counts = np.array(image.histogram(), dtype=np.int64).reshape(3, 256)
    red, green, blue = (counts @ np.arange(256) / (image.width * image.height)).tolist()
    return red, green, blue
