"""Pictures from decoded pixels: the right ones, at a known scale, with nothing of a file."""

import base64
import io
from dataclasses import replace as replace_fields

import numpy as np
import pytest
from PIL import Image

from wbcray.core.image_id import image_ids
from wbcray.data.prepared.folder import INDEX, PIXELS, hash_of
from wbcray.data.prepared.index import Row, table_of, write_table
from wbcray.data.prepared.pixel_file import write_header
from wbcray.explorer.reading.thumbnails import SIDE, thumbnails
from wbcray.store.commit import replace

SIZE = 16
NAMES = ("Jane_Doe.png", "b.png")


@pytest.fixture
def run(builder, tmp_path):
    """A run of two images, 40 x 20 pixels in their files, one red and one blue."""

    def make(*, field=None, um_per_px=0.1):
        pixels = np.zeros((2, SIZE, SIZE, 3), dtype=np.uint8)
        pixels[0, ..., 0] = pixels[1, ..., 2] = 255
        folder = tmp_path / "cache" / "home"
        folder.mkdir(parents=True)
        with (folder / PIXELS).open("wb") as file:
            write_header(file, pixels.shape)
            file.write(pixels.tobytes())
        rest = {"file_size": 1, "mtime_ns": 1, "mean_r": 0.0, "mean_g": 0.0, "mean_b": 0.0}
        rows = [
            Row(path=name, pixel_sha256=hash_of(one.tobytes()), width=40, height=20, **rest)
            for name, one in zip(NAMES, pixels, strict=True)
        ]
        write_table(folder / INDEX, table_of(rows))
        domains = ["home", "away"]
        data = {
            "domains": domains,
            "samples": {"home": [[name, 0] for name in NAMES], "away": []},
            "size": SIZE,
            "field_of_view_um": field,
            "pixels": [str(folder), str(tmp_path / "cache" / "away")],
            "sources": {name: ["", um_per_px] for name in domains},
            "cache": str(tmp_path / "cache"),
        }
        replace(tmp_path / "data.json", "data", data)
        listed = {"home": [[name, "", "a", None] for name in NAMES], "away": []}
        tables = builder().build()
        images = {"data_fingerprint": tables.facts.data_fingerprint, "domains": listed}
        replace(tmp_path / "images.json", "images", images)
        ids = image_ids(tmp_path / "cache")
        return replace_fields(tables, folder=tmp_path), [ids.of("home", name) for name in NAMES]

    return make


def opened(picture):
    return Image.open(io.BytesIO(base64.b64decode(picture.uri.split(",", 1)[1])))


def test_a_picture_shows_the_image_that_bears_the_id(run):
    tables, (red, blue) = run()
    found = thumbnails(tables, [blue, red])
    assert np.asarray(opened(found[red])).mean(axis=(0, 1)) == pytest.approx([255, 0, 0], abs=3)
    assert np.asarray(opened(found[blue])).mean(axis=(0, 1)) == pytest.approx([0, 0, 255], abs=3)


def test_a_native_picture_is_as_wide_as_the_shorter_side_of_its_file(run):
    tables, (red, _) = run(um_per_px=0.1)
    assert thumbnails(tables, [red])[red].um == pytest.approx(20 * 0.1)


def test_a_field_of_view_is_the_width_of_its_pictures(run):
    tables, (red, _) = run(field=25.0)
    assert thumbnails(tables, [red])[red].um == 25


def test_without_a_scale_the_width_is_not_known(run):
    tables, (red, _) = run(um_per_px=0.0)
    assert thumbnails(tables, [red])[red].um is None


def test_nothing_of_the_file_travels(run):
    tables, (red, _) = run()
    picture = opened(thumbnails(tables, [red])[red])
    assert not picture.getexif()
    assert "Doe" not in thumbnails(tables, [red])[red].uri
    assert max(picture.size) <= SIDE


def test_pixels_that_have_changed_are_not_shown(run, tmp_path):
    tables, (red, blue) = run()
    path = tmp_path / "cache" / "home" / PIXELS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert set(thumbnails(tables, [red, blue])) == {red}


def test_a_cache_that_is_gone_leaves_no_pictures(run, tmp_path):
    tables, names = run()
    (tmp_path / "cache" / "home" / PIXELS).unlink()
    assert thumbnails(tables, names) == {}


def test_names_that_nobody_knows_have_no_picture(run):
    tables, _ = run()
    assert thumbnails(tables, ["img-000000000000", "../../etc/passwd"]) == {}


def test_tables_without_a_run_have_no_pictures(builder):
    assert thumbnails(builder().build(), ["img-000000000000"]) == {}
