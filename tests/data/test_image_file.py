import numpy as np
import pytest
from image_making import RED, bordered, claiming, deep_png, flat, framed, refusal, save
from PIL import Image

from wbcray.core.errors import DataError
from wbcray.data.images import decode


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


def test_a_cmyk_jpeg_is_not_inverted(tmp_path):
    path = save(tmp_path, flat(32, 32, (255, 255, 255)), "a.jpg", mode="CMYK", quality=95)
    assert decode(path, size=32).min() >= 250


def test_a_cmyk_jpeg_that_does_not_say_whether_it_is_inverted_is_refused(tmp_path):
    path = save(tmp_path, flat(32, 32), "a.jpg", mode="CMYK")
    content = path.read_bytes()
    assert content.count(b"Adobe") == 1
    path.write_bytes(content.replace(b"Adobe", b"Adobo"))
    assert "does not say whether its colours are inverted" in refusal(path).what


def test_black_and_white_becomes_0_and_255(tmp_path):
    found = decode(save(tmp_path, framed(32, 32, 16), mode="1", name="a.png"), size=32)
    assert set(np.unique(found)) <= {0, 255}


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.TIFF"])
def test_a_transparent_border_is_cut_off(tmp_path, name):
    alpha = np.zeros((40, 50), dtype=np.uint8)
    alpha[6:-6, 6:-6] = 255
    assert (decode(save(tmp_path, bordered(alpha), name), size=28) == RED).all()


def test_a_border_that_fades_is_cut_off_as_far_as_it_fades(tmp_path):
    alpha = np.zeros((40, 40), dtype=np.uint8)
    alpha[5:-5, 5:-5] = 128
    alpha[6:-6, 6:-6] = 255
    assert (decode(save(tmp_path, bordered(alpha)), size=28) == RED).all()


@pytest.mark.parametrize("hole", [0, 254])
def test_transparency_inside_the_picture_is_refused(tmp_path, hole):
    alpha = np.full((32, 32), 255, dtype=np.uint8)
    alpha[16, 16] = hole
    assert "transparent pixels inside" in refusal(save(tmp_path, bordered(alpha))).what


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_an_image_that_is_transparent_all_over_is_refused(tmp_path, mode):
    pixels = np.zeros((32, 32, 4), dtype=np.uint8)
    assert "all of the image is transparent" in refusal(save(tmp_path, pixels, mode=mode)).what


def test_a_transparent_palette_colour_is_transparency_too(tmp_path):
    image = Image.new("P", (32, 32), 0)
    image.putpalette([*RED, 255, 255, 255])
    image.paste(1, (8, 8, 24, 24))
    image.save(tmp_path / "border.png", transparency=0)
    image.save(tmp_path / "hole.png", transparency=1)
    assert (decode(tmp_path / "border.png", size=16) == 255).all()
    assert "transparent pixels inside" in refusal(tmp_path / "hole.png").what


def test_a_camera_s_orientation_is_applied(tmp_path):
    pixels = flat(32, 32, (0, 0, 0))
    pixels[0] = RED  # the upper row; 6 says: turn clockwise by 90 degrees
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a.png", "a.tif"):
        path = save(tmp_path, pixels, name, exif=exif)
        assert (decode(path, size=32)[:, -1] == RED).all()


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


def test_colours_without_a_formula_are_refused(tmp_path):
    path = tmp_path / "a.tif"
    Image.new("LAB", (32, 32)).save(path)
    assert refusal(path).what == "image has mode LAB, which is not grey, palette, RGB or CMYK"


@pytest.mark.parametrize("name", ["a.tif", "a.png"])
def test_several_pages_or_frames_are_refused(tmp_path, name):
    pages = [Image.fromarray(flat(32, 32, (value, 0, 0))) for value in (10, 20, 30)]
    path = tmp_path / name
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert "3 pages or frames" in refusal(path).what


def test_a_photograph_with_previews_is_the_photograph(tmp_path):
    pages = [Image.fromarray(flat(side, side)) for side in (32, 8)]
    path = tmp_path / "a.jpg"
    pages[0].save(path, "MPO", save_all=True, append_images=pages[1:], quality=95)
    assert abs(decode(path, size=32).astype(int) - RED).max() <= 3


@pytest.mark.parametrize(
    ("width", "height", "megapixels"),
    [(6000, 6000, 36), (12_000, 12_000, 144), (20_000, 20_000, 400), (60_000, 60_000, 3600)],
)
def test_a_small_file_that_claims_many_pixels_is_not_unpacked(tmp_path, width, height, megapixels):
    path = tmp_path / "bomb.bmp"
    path.write_bytes(claiming(width, height))
    error = refusal(path)
    assert f"{megapixels} Mpx" in error.what
    assert "more than 25 Mpx" in error.what
    assert error.fix == "crop single cells first"


def test_an_empty_file_is_called_empty(tmp_path):
    path = tmp_path / "a.png"
    path.touch()
    assert "the file is empty" in refusal(path).what


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (b"<html><head><title>404</title>", "<html><head><tit"),
        (b"no image", "no image"),
        (b"GIF89a\x01\x00\x01\x00", "GIF89a...."),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "RIFF$...WEBPVP8 "),
        (b"%PDF-1.7 and more of it", "%PDF-1.7 and mor"),
    ],
    ids=["html", "text", "gif", "webp", "pdf"],
)
def test_what_is_no_image_is_refused_with_its_beginning(tmp_path, content, start):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert f"not a PNG, JPEG, TIFF or BMP image (starts with '{start}')" in refusal(path).what


def test_a_header_that_breaks_off_is_called_damaged(tmp_path):
    path = save(tmp_path, flat(32, 32))
    path.write_bytes(path.read_bytes()[:12])
    assert "its header is damaged or cut off" in refusal(path).what


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.jpg", {}),
        ("b.jpg", {"progressive": True}),
        ("a.png", {}),
        ("a.bmp", {}),
        ("a.tif", {}),
        ("b.tif", {"compression": "tiff_lzw"}),
        ("c.tif", {"compression": "tiff_deflate"}),
    ],
)
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_truncated_file_is_refused_with_its_length_and_not_filled_with_grey(
    tmp_path, name, options, share
):
    noise = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(tmp_path, noise, name, **options)
    left = int(path.stat().st_size * share)
    path.write_bytes(path.read_bytes()[:left])
    what = refusal(path).what
    assert "the file is truncated" in what
    assert f" {left} bytes" in what


def test_bytes_that_changed_are_never_anything_but_an_image_or_a_data_error(tmp_path):
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    whole = [save(tmp_path, noise, name).read_bytes() for name in ("a.png", "a.jpg", "a.bmp")]
    path, refused = tmp_path / "changed.png", 0
    for number in range(300):
        content = bytearray(whole[number % 3])
        for place in rng.integers(0, min(200, len(content)), 3):
            content[place] = rng.integers(0, 256)
        path.write_bytes(content)
        try:
            assert decode(path, size=8).shape == (8, 8, 3)
        except DataError:
            refused += 1
    assert 0 < refused < 300


def test_a_file_that_vanished_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "gone.png").what
