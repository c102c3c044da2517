"""The largest images that are decoded, and small files that unpack to them, fit into memory."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from image_making import refusal
from PIL import Image

SIDE = 5000  # 25 Mpx, just not too many
MEGABYTES = 300
SCRIPT = """
import sys
from pathlib import Path
from wbcray.core.errors import DataError
from wbcray.data.images import decode

for path in sys.argv[1:]:
    try:
        decode(Path(path), size=32)
    except DataError as error:
        print(error.what)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(side, *, compressed=None, extra=b""):
    """A black PNG; 25 Mpx of it are 70 kB."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    if compressed is None:
        packer, rows = zlib.compressobj(1), bytes(1 + side * 3) * 50
        compressed = b"".join(packer.compress(rows) for _ in range(side // 50)) + packer.flush()
    pixels = chunk(b"IHDR", header) + extra + chunk(b"IDAT", compressed)
    return b"\x89PNG\r\n\x1a\n" + pixels + chunk(b"IEND", b"")


def bordered():
    """Grey with an alpha channel and a transparent border: what takes the most steps."""
    alpha = np.zeros((SIDE, SIDE, 2), dtype=np.uint8)
    alpha[5:-5, 5:-5] = 255
    return Image.fromarray(alpha)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's figures")
def test_no_image_takes_300_megabytes(tmp_path):
    whole = tmp_path / "whole.png"
    whole.write_bytes(png(SIDE))
    bordered().save(tmp_path / "bordered.png", compress_level=1)
    claimed = tmp_path / "claimed.png"
    claimed.write_bytes(png(60_000, compressed=zlib.compress(bytes(1000))))
    command = [sys.executable, "-c", SCRIPT, whole, tmp_path / "bordered.png", claimed]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert "3600 Mpx, more than 25 Mpx" in said[0]
    assert int(said[1]) < MEGABYTES


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_text_and_profiles_that_unpack_to_much_are_not_unpacked(tmp_path, kind):
    bomb = chunk(kind, b"a\0\0" + zlib.compress(bytes(5_000_000), 1))
    path = tmp_path / "cell.png"
    path.write_bytes(png(50, extra=bomb))
    assert "damaged" in refusal(path).what


@pytest.mark.parametrize("order", ["<", ">"], ids=["little endian", "big endian"])
def test_a_16_bit_colour_tiff_is_refused(tmp_path, order):
    side, entries = 4, 9
    behind = 8 + 2 + 12 * entries + 4
    fields = [
        (256, 3, 1, side),
        (257, 3, 1, side),
        (258, 3, 3, behind),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, behind + 6),
        (277, 3, 1, 3),
        (278, 3, 1, side),
        (279, 4, 1, side * side * 6),
    ]
    directory = struct.pack(f"{order}H", entries)
    for tag, kind, count, value in fields:
        short = kind == 3 and count == 1
        packed = struct.pack(f"{order}HH" if short else f"{order}L", *([value, 0][: 1 + short]))
        directory += struct.pack(f"{order}HHL", tag, kind, count) + packed
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    head = mark + struct.pack(f"{order}L", 8) + directory + bytes(4)
    path = tmp_path / "cell.tif"
    path.write_bytes(head + struct.pack(f"{order}3H", 16, 16, 16) + b"\x9c\x40" * (side * side * 3))
    assert "more than 8 bits per channel" in refusal(path).what
