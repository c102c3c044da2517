"""Decode one image file to square 8-bit RGB at the working size."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from wbcray.core.errors import DataError

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
MAX_PIXELS = 25_000_000
_EIGHT_BIT_MODES = ("L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "1")

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def decode(
    path: Path, *, size: int, crop_um: float | None = None, um_per_px: float = 0.0
) -> Pixels:
    """uint8 [size, size, 3]: the centre square of the image, antialiased to `size`.

    Args:
        path: PNG, JPEG, TIFF or BMP with 8 bits per channel.
        size: Side of the result in pixels.
        crop_um: Side of the field of view in micrometres; None takes the largest centre square.
        um_per_px: Scale of the file, needed with `crop_um`.

    Raises:
        DataError: For a file that cannot be decoded without loss of meaning.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                _check(image, path)
                side = round(crop_um / um_per_px) if crop_um else min(image.size)
                square = _centre_square(image.convert("RGB"), side)
                resized = square.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
                return np.asarray(resized, dtype=np.uint8)
    except UnidentifiedImageError as error:
        raise _unreadable(path, "not a PNG, JPEG, TIFF or BMP image") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(path, "image has very many pixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise _unreadable(path, str(error)) from error


def _check(image: ImageFile, path: Path) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(path, f"image is {width}x{height} px")
    if image.mode not in _EIGHT_BIT_MODES or _has_deep_channels(image):
        raise DataError(
            f"image has mode {image.mode} with more than 8 bits per channel, which would be lost",
            where=str(path),
            fix="convert it to 8-bit RGB with a scale of your choice",
        )


def _has_deep_channels(image: ImageFile) -> bool:
    """Whether the file holds 16 bits per channel; Pillow calls them RGB and drops the lower 8."""
    if image.format == "BMP":  # counts bits per pixel instead
        return False
    modes = [tile.args[0] if isinstance(tile.args, tuple) else tile.args for tile in image.tile]
    return any(";16" in str(mode) for mode in modes)


def _centre_square(image: Image.Image, side: int) -> Image.Image:
    width, height = image.size
    side = min(side, width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return image.crop((left, top, left + side, top + side))


def _too_large(path: Path, what: str) -> DataError:
    return DataError(
        f"{what}, more than {MAX_PIXELS // 1_000_000} Mpx",
        where=str(path),
        fix="crop single cells first",
    )


def _unreadable(path: Path, reason: str) -> DataError:
    empty = path.exists() and path.stat().st_size == 0
    return DataError(
        f"cannot read image: {'the file is empty' if empty else reason}",
        where=str(path),
        fix="replace or remove the file",
    )
