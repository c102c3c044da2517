"""Small image files, and what becomes of those that are refused."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from wbcray.core.errors import DataError
from wbcray.data.images import decode

RED = (200, 30, 10)


def save(folder, array, name="cell.png", mode=None, **options):
    path = folder / name
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def flat(height, width, colour=RED):
    return np.full((height, width, 3), colour, dtype=np.uint8)


def framed(height, width, inner):
    """White, with a red square of side `inner` in the middle."""
    pixels = flat(height, width, (255, 255, 255))
    top, left = (height - inner) // 2, (width - inner) // 2
    pixels[top : top + inner, left : left + inner] = RED
    return pixels


def refusal(path, **options):
    with pytest.raises(DataError) as caught:
        decode(path, size=32, **options)
    assert caught.value.where == str(path)
    assert caught.value.fix
    return caught.value


def deep_png(side, colour_type):
    """A PNG with 16 bits per channel, which Pillow can read and not write."""
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour_type]
    rows = (b"\0" + struct.pack(f">{side * channels}H", *[513] * (side * channels))) * side

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 16, colour_type, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def claiming(width, height):
    """A small BMP file whose header claims `width` x `height` pixels."""
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "BMP")
    content = bytearray(buffer.getvalue())
    content[18:26] = struct.pack("<ii", width, height)
    return bytes(content)


def bordered(alpha, inside=RED):
    """RGBA pixels, `inside` where `alpha` is opaque and black elsewhere, as scanners write it."""
    pixels = np.zeros((*alpha.shape, 4), dtype=np.uint8)
    pixels[..., 3] = alpha
    pixels[alpha == 255, :3] = inside
    return pixels
