import numpy as np
import pytest
from image_making import RED, bordered, flat, framed, refusal, save

from wbcray.data.images import decode, decode_measured, field_in_px


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


@pytest.mark.parametrize(
    ("px_per_um", "rounded", "side"),
    [(13.8, 0.0725, 345), (10.0, 0.1, 250), (11.52, 0.0868, 288)],
    ids=["matek_19", "acevedo_20", "int_20"],
)
def test_25_um_are_345_250_and_288_px_of_the_published_scales(px_per_um, rounded, side):
    assert field_in_px(25.0, 1 / px_per_um) == side
    assert field_in_px(25.0, rounded) == side


@pytest.mark.parametrize(
    ("width", "height", "px_per_um"),
    [(400, 400, 13.8), (360, 363, 10.0), (366, 369, 10.0), (359, 360, 10.0), (288, 288, 11.52)],
)
def test_25_um_of_every_published_size_are_the_middle_of_it(tmp_path, width, height, px_per_um):
    side = round(25 * px_per_um)
    path = save(tmp_path, framed(height, width, side), "a.bmp")
    found = decode(path, size=side, crop_um=25.0, um_per_px=1 / px_per_um)
    assert (found == RED).all()


@pytest.mark.parametrize(("width", "height"), [(98, 100), (100, 98), (99, 99), (98, 300)])
def test_up_to_two_percent_less_than_the_field_of_view_is_continued(tmp_path, width, height):
    # 10 um at 0.1 um/px are 100 px
    path = save(tmp_path, flat(height, width), "a.png")
    found = decode(path, size=100, crop_um=10.0, um_per_px=0.1)
    assert (found == RED).all()


def test_an_edge_is_continued_on_both_sides_by_repeating_it(tmp_path):
    pixels = flat(100, 98, (0, 0, 0))
    pixels[:, 0], pixels[:, -1] = RED, (255, 255, 255)
    found = decode(save(tmp_path, pixels), size=100, crop_um=10.0, um_per_px=0.1)
    assert (found[:, :2] == RED).all()
    assert (found[:, -2:] == 255).all()
    assert (found[:, 2:-2] == 0).all()


def test_more_than_two_percent_less_is_refused_with_both_sizes_and_what_would_fit(tmp_path):
    path = save(tmp_path, flat(200, 97))
    error = refusal(path, crop_um=10.0, um_per_px=0.1)
    assert error.what == "the image has 97x200 px, and a field of view of 10 um needs 100x100 px"
    assert "`field_of_view` to 9.7 or less or to native" in error.fix


def test_shrinking_averages_so_that_no_fine_pattern_is_left(tmp_path):
    stripes = np.zeros((128, 128, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    found = decode(save(tmp_path, stripes), size=32).astype(int)
    assert abs(found[4:-4, 4:-4] - 127).max() <= 3


def test_a_border_on_one_side_does_not_move_the_cell_out_of_the_middle(tmp_path):
    pixels = bordered(np.pad(np.full((100, 80), 255, np.uint8), ((0, 0), (20, 0))), (255,) * 3)
    pixels[48:52, 48:52, :3] = RED
    found = decode(save(tmp_path, pixels), size=60, crop_um=6.0, um_per_px=0.1)
    assert (found[28:32, 28:32] == RED).all()


def test_a_crop_moves_only_as_far_as_the_border_asks(tmp_path):
    # 80 px of 100 begin at 10, and the picture at 20
    pixels = bordered(np.pad(np.full((100, 80), 255, np.uint8), ((0, 0), (20, 0))))
    found = decode(save(tmp_path, pixels), size=80, crop_um=8.0, um_per_px=0.1)
    assert (found == RED).all()


def test_a_border_that_leaves_too_little_is_refused_with_what_is_left(tmp_path):
    pixels = bordered(np.pad(np.full((100, 80), 255, np.uint8), ((0, 0), (20, 0))))
    error = refusal(save(tmp_path, pixels), crop_um=10.0, um_per_px=0.1)
    assert "the opaque part of the image has 80x100 px" in error.what


def test_the_whole_picture_is_measured_and_not_only_the_field_of_view(tmp_path):
    # 100 of 60 * 40 pixels are (240, 0, 0), the rest (0, 0, 24)
    pixels = flat(40, 60, (0, 0, 24))
    pixels[:10, :10] = (240, 0, 0)
    found = decode_measured(save(tmp_path, pixels), size=8, crop_um=2.0, um_per_px=0.1)
    assert (found.width, found.height) == (60, 40)
    assert found.mean == (10.0, 0.0, 23.0)


def test_a_transparent_border_counts_for_the_size_and_not_for_the_mean(tmp_path):
    alpha = np.zeros((40, 50), dtype=np.uint8)
    alpha[6:-6, 6:-6] = 255
    found = decode_measured(save(tmp_path, bordered(alpha)), size=8)
    assert (found.width, found.height, found.mean) == (50, 40, RED)
