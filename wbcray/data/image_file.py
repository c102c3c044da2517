"""Open one image file as 8-bit RGB, or say why that cannot be done without loss of meaning.

What is done silently, because nothing is lost: grey, 1-bit and palette images become RGB; CMYK
becomes RGB by Pillow's formula, without a colour profile; the orientation that a camera wrote into
the file is applied, so that pixels are what every viewer shows; a border of transparent pixels is
cut off. Nothing else of a file's metadata is read, shown or kept. Refused are more than 8 bits per
channel, several pages or frames, transparency inside the picture, and damaged files.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from wbcray.core.errors import DataError

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
MAX_PIXELS = 25_000_000

_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr")
_ADOBE = "adobe"
_SHOWN_BYTES = 16
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM")
_CUT_OFF = re.compile(r"truncated|broken data stream|decoder error -2", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The picture in a file.

    Attributes:
        image: Its opaque part, RGB.
        width: Of the whole picture in pixels, a transparent border included.
        height: Likewise.
        left: Where `image` begins in the whole picture, pixels.
        top: Likewise.
    """

    image: Image.Image
    width: int
    height: int
    left: int = 0
    top: int = 0


def read_frame(path: Path) -> Frame:
    """The picture in the PNG, JPEG, TIFF or BMP file at `path`.

    Raises:
        DataError: For a file that cannot be read, or not without loss of meaning.
    """
    try:
        return _opaque_part(_loaded(path), path)
    except DataError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(path, _claimed_size(str(error))) from error
    except MemoryError:
        raise
    # Pillow's readers raise whatever they trip over in damaged bytes: struct.error, KeyError, ...
    except Exception as error:
        raise _unreadable(path, _reason(path, error)) from error


def _loaded(path: Path) -> Image.Image:
    """The picture as it is stored, turned as its camera says, once it is known to be one.

    No step copies it: at 25 Mpx a copy takes 100 MB, and all cores decode at once.
    """
    with Image.open(path, formats=FORMATS) as image:
        _refuse_large(image.width, image.height, path)
        _refuse_several_frames(image, path)
        _refuse_other_colours(image, path)
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _refuse_large(width: int, height: int, path: Path) -> None:
    """By the header, before anything is unpacked."""
    if width * height > MAX_PIXELS:
        raise _too_large(path, f"{width}x{height} px ({width * height / 1e6:.0f} Mpx)")


def _refuse_several_frames(image: ImageFile, path: Path) -> None:
    # MPO is how phones and cameras add previews to a JPEG; its first frame is the photograph
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    if frames > 1:
        raise DataError(
            f"image has {frames} pages or frames, and which of them is meant is not known",
            where=str(path),
            fix="save the one that is meant as a file of its own",
        )


def _refuse_other_colours(image: ImageFile, path: Path) -> None:
    if image.mode[0] in "IF" or _has_deep_channels(image):
        raise DataError(
            f"image has mode {image.mode} with more than 8 bits per channel, which would be lost",
            where=str(path),
            fix="convert it to 8-bit RGB with a scale of your choice",
        )
    if image.mode not in _MODES:
        raise DataError(
            f"image has mode {image.mode}, which is not grey, palette, RGB or CMYK",
            where=str(path),
            fix="convert it to 8-bit RGB with the program that wrote it",
        )
    if image.mode == "CMYK" and image.format == "JPEG" and _ADOBE not in image.info:
        raise DataError(
            "image is a CMYK JPEG that does not say whether its colours are inverted",
            where=str(path),
            fix="convert it to RGB with the program that wrote it",
        )


def _has_deep_channels(image: ImageFile) -> bool:
    """Whether the file holds 16 bits per channel; Pillow calls them RGB and drops the lower 8."""
    if image.format == "BMP":  # counts bits per pixel instead
        return False
    modes = [tile.args[0] if isinstance(tile.args, tuple) else tile.args for tile in image.tile]
    return any(";16" in str(mode) for mode in modes)


def _opaque_part(image: Image.Image, path: Path) -> Frame:
    width, height = image.size
    if not image.has_transparency_data:
        opaque = image if image.mode == "RGB" else image.convert("RGB")
        return Frame(image=opaque, width=width, height=height)
    if image.mode != "RGBA":
        image = image.convert("RGBA")
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return Frame(image=image.convert("RGB"), width=width, height=height)
    box = alpha.point([0] * 255 + [255]).getbbox()
    if box is None:
        raise _transparent(path, "all of the image is transparent")
    if alpha.crop(box).getextrema() != (255, 255):
        raise _transparent(path, "image has transparent pixels inside, not only around it")
    image = image.crop(box)
    return Frame(image=image.convert("RGB"), width=width, height=height, left=box[0], top=box[1])


def _reason(path: Path, error: Exception) -> str:
    """Why a file cannot be read, in words that help to find out what became of it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_SHOWN_BYTES)
    if not head:
        return "the file is empty"
    if not head.startswith(_MAGIC):
        start = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in head)  # noqa: PLR2004  # printable ASCII
        return f"it is not a PNG, JPEG, TIFF or BMP image (starts with '{start}'): failed download?"
    if _CUT_OFF.search(str(error)) or _ends_before_its_directory(head, size):
        return f"the file is truncated: its {size} bytes end before the image does"
    if isinstance(error, UnidentifiedImageError):
        return "its header is damaged or cut off"
    return f"it is damaged ({str(error) or type(error).__name__})"


def _ends_before_its_directory(head: bytes, size: int) -> bool:
    """Whether a TIFF, which may keep its table of contents at the end, has lost it."""
    if head[:2] not in (b"II", b"MM"):
        return False
    return int.from_bytes(head[4:8], "little" if head[:2] == b"II" else "big") + 2 > size


def _claimed_size(message: str) -> str:
    """Megapixels from Pillow's text; it refuses the largest images before their size is known."""
    pixels = re.search(r"\d+", message)
    return f"{int(pixels[0]) / 1e6:.0f} Mpx" if pixels else "very large"


def _too_large(path: Path, size: str) -> DataError:
    return DataError(
        f"image is {size}, more than {MAX_PIXELS // 1_000_000} Mpx",
        where=str(path),
        fix="crop single cells first",
    )


def _transparent(path: Path, what: str) -> DataError:
    return DataError(
        f"{what}; what is behind it is not known",
        where=str(path),
        fix="put it on a background of your choice and save it without an alpha channel",
    )


def _unreadable(path: Path, reason: str) -> DataError:
    return DataError(
        f"cannot read image: {reason}",
        where=str(path),
        fix="restore the file from its source, or remove it",
    )
