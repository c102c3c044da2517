import pytest
from PIL import Image

from wbcray.core.errors import DataError
from wbcray.data.cleaning import keep_clean, mean_red


def kept(folder, names, limit=90.0):
    """Those that the rule keeps, its measurement being kept in the folder `cache`."""
    return keep_clean(folder, names, limit=limit, cache=folder / "cache").paths


def paint(path, red, width=10):
    """An image whose left half is of this red, its right half twice as red."""
    image = Image.new("RGB", (width, 4), (red, 50, 200))
    image.paste((2 * red, 50, 200), (width // 2, 0, width, 4))
    image.save(path)


def test_the_mean_is_over_the_whole_image(tmp_path):
    paint(tmp_path / "a.png", 60)
    assert mean_red(tmp_path / "a.png") == 90


def test_images_at_the_limit_are_kept_and_those_below_are_not(tmp_path):
    for red in (59, 60, 61):
        paint(tmp_path / f"{red}.png", red)
    names = ["59.png", "60.png", "61.png"]
    assert kept(tmp_path, names) == {"60.png", "61.png"}


def test_what_was_measured_once_is_not_measured_again(tmp_path, monkeypatch):
    paint(tmp_path / "a.png", 60)
    first = kept(tmp_path, ["a.png"])
    monkeypatch.setattr("wbcray.data.cleaning.mean_red", None)
    assert kept(tmp_path, ["a.png"]) == first
    # another limit needs no other measurement
    assert kept(tmp_path, ["a.png"], limit=91.0) == frozenset()


def test_a_file_that_changed_is_measured_anew(tmp_path):
    paint(tmp_path / "a.png", 60)
    kept(tmp_path, ["a.png"])
    paint(tmp_path / "a.png", 10, width=20)
    assert kept(tmp_path, ["a.png"]) == frozenset()


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(tmp_path):
    paint(tmp_path / "a.png", 60)
    (tmp_path / "cache").touch()
    assert kept(tmp_path, ["a.png"]) == {"a.png"}


@pytest.mark.parametrize(
    "damage", ["[1", "[1, 2]", "[]", "null", "3", '["90"]', "[true]", "[NaN]", "[256]", "{}"]
)
def test_a_damaged_measurement_is_made_again(tmp_path, damage):
    paint(tmp_path / "a.png", 60)
    kept(tmp_path, ["a.png"])
    (measured,) = (tmp_path / "cache").iterdir()
    measured.write_text(damage)
    assert kept(tmp_path, ["a.png"]) == {"a.png"}
    assert measured.read_text() == "[90.0]"


def test_an_image_that_cannot_be_read_is_kept_for_those_who_name_all_of_them(tmp_path):
    paint(tmp_path / "a.png", 10)
    (tmp_path / "b.png").write_bytes(b"no image")
    names = ["a.png", "b.png"]
    assert kept(tmp_path, names) == {"b.png"}
    (measured,) = (tmp_path / "cache").iterdir()
    assert measured.read_text() == "[15.0, null]"


def test_what_could_not_be_measured_is_measured_when_it_can_be(tmp_path, monkeypatch):
    def denied(path):
        raise DataError("cannot read image", where=str(path))

    paint(tmp_path / "a.png", 10)
    with monkeypatch.context() as patched:
        patched.setattr("wbcray.data.cleaning.mean_red", denied)
        assert kept(tmp_path, ["a.png"]) == {"a.png"}
    assert kept(tmp_path, ["a.png"]) == frozenset()
