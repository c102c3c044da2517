from PIL import Image

from wbcray.data.cleaning import keep_clean, mean_red


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
    kept = keep_clean(tmp_path, names, limit=90.0, cache=tmp_path / "cache")
    assert kept == {"60.png", "61.png"}


def test_what_was_measured_once_is_not_measured_again(tmp_path, monkeypatch):
    paint(tmp_path / "a.png", 60)
    first = keep_clean(tmp_path, ["a.png"], limit=90.0, cache=tmp_path / "cache")
    monkeypatch.setattr("wbcray.data.cleaning.mean_red", None)
    assert keep_clean(tmp_path, ["a.png"], limit=90.0, cache=tmp_path / "cache") == first
    # another limit needs no other measurement
    assert keep_clean(tmp_path, ["a.png"], limit=91.0, cache=tmp_path / "cache") == frozenset()


def test_a_file_that_changed_is_measured_anew(tmp_path):
    paint(tmp_path / "a.png", 60)
    keep_clean(tmp_path, ["a.png"], limit=90.0, cache=tmp_path / "cache")
    paint(tmp_path / "a.png", 10, width=20)
    assert keep_clean(tmp_path, ["a.png"], limit=90.0, cache=tmp_path / "cache") == frozenset()


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(tmp_path):
    paint(tmp_path / "a.png", 60)
    (tmp_path / "cache").touch()
    assert keep_clean(tmp_path, ["a.png"], limit=90.0, cache=tmp_path / "cache") == {"a.png"}


def test_a_damaged_measurement_is_made_again(tmp_path):
    paint(tmp_path / "a.png", 60)
    keep_clean(tmp_path, ["a.png"], limit=90.0, cache=tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text("[1")
    assert keep_clean(tmp_path, ["a.png"], limit=90.0, cache=tmp_path / "cache") == {"a.png"}
