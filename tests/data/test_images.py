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


def test_an_image_of_the_right_size_comes_out_as_it_is(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert np.array_equal(decode(save(tmp_path, pixels), size=32), pixels)


def test_the_result_is_square_rgb_of_the_working_size(tmp_path):
    found = decode(save(tmp_path, flat(100, 60)), size=48)
    assert (found.shape, found.dtype) == ((48, 48, 3), np.uint8)
    assert found.reshape(-1, 3).tolist() == [list(RED)] * 48 * 48


@pytest.mark.parametrize(("height", "width"), [(40, 60), (60, 40), (41, 60)])
def test_the_largest_centre_square_is_kept(tmp_path, height, width):
    pixels = flat(height, width, (255, 255, 255))
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    pixels[top : top + side, left : left + side] = RED
    assert (decode(save(tmp_path, pixels), size=32) == RED).all()


def test_ten_micrometres_at_a_quarter_per_pixel_are_40_pixels(tmp_path):
    path = save(tmp_path, framed(64, 64, 40))
    assert (decode(path, size=32, crop_um=10.0, um_per_px=0.25) == RED).all()


def test_a_field_of_view_one_pixel_wider_shows_its_frame(tmp_path):
    path = save(tmp_path, framed(64, 64, 40))
    found = decode(path, size=42, crop_um=10.5, um_per_px=0.25)
    assert (found[0] == 255).all()
    assert (found[:, 0] == 255).all()
    assert (found[1:-1, 1:-1] == RED).all()


def test_a_wide_field_of_view_ends_at_the_image(tmp_path):
    assert (
        decode(save(tmp_path, flat(40, 40)), size=32, crop_um=99.0, um_per_px=0.25) == RED
    ).all()


def test_shrinking_averages_so_that_no_fine_pattern_is_left(tmp_path):
    stripes = np.zeros((128, 128, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    found = decode(save(tmp_path, stripes), size=32).astype(int)
    assert abs(found[4:-4, 4:-4] - 127).max() <= 3


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp"])
def test_formats_without_loss_give_the_same_pixels(tmp_path, name):
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert np.array_equal(decode(save(tmp_path, pixels, name), size=32), pixels)


def test_a_grey_image_has_three_equal_channels(tmp_path):
    grey = np.arange(32 * 32, dtype=np.uint32).reshape(32, 32).astype(np.uint8)
    found = decode(save(tmp_path, grey), size=32)
    assert np.array_equal(found, np.stack([grey] * 3, axis=-1))


def test_an_opaque_alpha_channel_changes_nothing(tmp_path):
    assert (decode(save(tmp_path, flat(32, 32), mode="RGBA"), size=32) == RED).all()


def test_a_palette_is_looked_up(tmp_path):
    path = save(tmp_path, flat(32, 32, (255, 0, 0)), mode="P")
    assert (decode(path, size=32) == (255, 0, 0)).all()


def test_print_colours_become_screen_colours(tmp_path):
    # CMYK of pure red is 0, 255, 255, 0
    path = save(tmp_path, flat(32, 32, (255, 0, 0)), "a.tif", mode="CMYK")
    assert (decode(path, size=32) == (255, 0, 0)).all()


def test_black_and_white_becomes_0_and_255(tmp_path):
    found = decode(save(tmp_path, framed(32, 32, 16), mode="1", name="a.png"), size=32)
    assert set(np.unique(found)) <= {0, 255}


def test_a_jpeg_is_read_within_its_loss(tmp_path):
    found = decode(save(tmp_path, flat(32, 32), "a.jpg", quality=95), size=32).astype(int)
    assert abs(found - RED).max() <= 3


def test_16_bit_grey_is_refused_because_it_would_be_clipped(tmp_path):
    path = save(tmp_path, np.full((32, 32), 4000, dtype=np.uint16))
    assert "more than 8 bits" in refusal(path).what


@pytest.mark.parametrize("colour_type", [0, 2, 4, 6], ids=["grey", "rgb", "grey+a", "rgba"])
def test_16_bit_png_is_refused_in_every_colour_type(tmp_path, colour_type):
    path = tmp_path / "deep.png"
    path.write_bytes(deep_png(32, colour_type))
    assert "more than 8 bits" in refusal(path).what


def test_floating_point_is_refused(tmp_path):
    path = save(tmp_path, np.zeros((32, 32), dtype=np.float32), "a.tif")
    assert "mode F" in refusal(path).what


@pytest.mark.parametrize(("width", "height"), [(6000, 6000), (12_000, 12_000), (60_000, 60_000)])
def test_a_small_file_that_claims_many_pixels_is_not_unpacked(tmp_path, width, height):
    path = tmp_path / "bomb.bmp"
    path.write_bytes(claiming(width, height))
    error = refusal(path)
    assert "more than 25 Mpx" in error.what
    assert error.fix == "crop single cells first"


def test_an_empty_file_is_called_empty(tmp_path):
    path = tmp_path / "a.png"
    path.touch()
    assert "the file is empty" in refusal(path).what


def test_text_under_an_image_name_is_refused(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("no image")
    assert "not a PNG, JPEG, TIFF or BMP" in refusal(path).what


def test_a_format_that_is_not_listed_is_refused(tmp_path):
    path = save(tmp_path, flat(32, 32), "a.gif").rename(tmp_path / "a.png")
    assert "not a PNG" in refusal(path).what


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.bmp"])
def test_a_truncated_file_is_refused_and_not_filled_with_grey(tmp_path, name):
    noise = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(tmp_path, noise, name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "cannot read image" in refusal(path).what


def test_a_file_that_vanished_is_refused(tmp_path):
    assert "cannot read image" in refusal(tmp_path / "gone.png").what
