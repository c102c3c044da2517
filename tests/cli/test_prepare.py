"""`wbcray data prepare`, and the rows of bad images in what it refuses."""

import io

import numpy as np
import pytest
from PIL import Image

from wbcray.cli.progress import decoding

DATA, STORE = 3, 4


@pytest.fixture
def prepared(place):
    """The folders of a prepared cache, by domain."""
    assert place.call("data", "prepare").code == 0
    return {path.name.split("-")[0]: path for path in (place.folder / ".wbcray").glob("*-32px-*")}


def image(darkest=0, **options):
    noise = np.random.default_rng(0).integers(darkest, 256, (32, 32, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, **options)
    return buffer.getvalue()


def bomb():
    content = bytearray(image(format="BMP"))
    content[18:26] = (20_000).to_bytes(4, "little") * 2
    return bytes(content)


def deep():
    buffer = io.BytesIO()
    Image.fromarray(np.full((32, 32), 40_000, dtype=np.uint16)).save(buffer, "PNG")
    return buffer.getvalue()


def animated():
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), (value, 0, 0)) for value in (1, 2)]
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def with_a_hole():
    buffer = io.BytesIO()
    whole = Image.new("RGBA", (32, 32), (9, 9, 9, 255))
    whole.putpixel((16, 16), (0, 0, 0, 0))
    whole.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words", "fix"),
    [
        (b"", "the file is empty", "remove it"),
        (image(format="JPEG")[:700], "the file is truncated: its 700 bytes", "restore the file"),
        (b"<html><body>Not found", "starts with '<html><body>Not '", "restore the file"),
        (b"GIF89a\x01\x00", "starts with 'GIF89a..'", "restore the file"),
        (bomb(), "400 Mpx, more than 25 Mpx", "crop single cells"),
        (deep(), "more than 8 bits per channel", "convert it to 8-bit RGB"),
        (animated(), "2 pages or frames", "save the one that is meant"),
        (with_a_hole(), "transparent pixels inside", "without an alpha channel"),
    ],
    ids=["empty", "truncated", "html", "gif", "bomb", "16-bit", "animated", "alpha"],
)
def test_an_image_that_cannot_be_used_is_bad_data(place, refused, content, words, fix):
    path = place.images / "north" / "blast" / "0.png"
    path.write_bytes(content)
    found = refused("data", "prepare", code=DATA)
    assert words in found["what"]
    assert found["where"] == str(path)
    assert fix in found["fix"]


def test_several_images_that_cannot_be_used_are_told_at_once(place, refused):
    for domain in ("north", "west"):
        (place.images / domain / "blast" / "0.png").write_bytes(b"")
    found = refused("data", "prepare", code=DATA)
    assert found["what"].startswith("2 images cannot be used:")
    assert str(place.images / "west" / "blast" / "0.png") in found["what"]


def test_what_was_prepared_is_told_in_json(place, prepared):
    found = place.json("data", "prepare")
    assert set(found) == {"images", "fingerprint", "bytes", "verified"}
    assert (found["images"], found["verified"]) == (54, False)
    # 54 images of 32 * 32 * 3 bytes, and their index
    assert 54 * 3072 < found["bytes"] < 54 * 3072 + 60_000


def test_verify_finds_what_opening_cannot(place, prepared):
    import os

    path = prepared["north"] / "pixels.npy"
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert place.call("data", "prepare").code == 0
    said = place.call("data", "prepare", "--verify")
    assert said.code == STORE
    assert "1 of 18 images have changed" in said.err
    assert "delete this folder" in said.err


def test_verify_says_that_all_is_well(place, prepared):
    assert place.json("data", "prepare", "--verify")["verified"] is True
    assert "every pixel as it was written" in place.call("data", "prepare", "--verify").err


def test_prune_removes_what_earlier_images_left_and_nothing_else(place, prepared):
    (place.images / "north" / "blast" / "5.png").unlink()
    assert place.call("data", "prepare").code == 0
    assert prepared["north"].exists()
    found = place.json("data", "prepare", "--prune")
    assert (found["removed"], found["kept"]) == ([prepared["north"].name], [])
    assert found["freed_bytes"] > 18 * 3072
    assert not prepared["north"].exists()
    assert prepared["west"].exists()
    assert "removed 0 folders" in place.call("data", "prepare", "--prune").err


def test_prune_removes_stores_of_another_size_and_files_about_them(place, prepared):
    for name in ("mean-red", "duplicates"):
        (place.folder / ".wbcray" / f"{name}-0123456789abcdef.json").write_text("[]")
    place.replace("size: 32", "size: 48")
    said = place.call("data", "prepare", "--prune").err
    assert "removed 3 folders and 2 files" in said
    assert not any(folder.exists() for folder in prepared.values())
    assert len(list((place.folder / ".wbcray").iterdir())) == 3


@pytest.fixture
def cleaned(place):
    """A domain with a cleaning rule: 3 classes of 3 images, of which the last two are cut off."""
    for code in ("BA", "EO", "MO"):
        folder = place.images / "pbc" / {"BA": "basophil", "EO": "eosinophil"}.get(code, "monocyte")
        folder.mkdir(parents=True)
        for number in range(3):
            (folder / f"{code}_{number:06d}.jpg").write_bytes(image(200, format="JPEG"))
    broken = [place.images / "pbc/monocyte" / f"MO_00000{number}.jpg" for number in (1, 2)]
    for path in broken:
        path.write_bytes(path.read_bytes()[:700])
    (place.images / "own").mkdir()
    for label in ("basophil", "eosinophil", "monocyte"):
        (place.images / "own" / label).mkdir()
        for number in range(3):
            path = place.images / "own" / label / f"{number}.png"
            Image.new("RGB", (32, 32), (number, len(label), 9)).save(path)
    place.project.write_text(
        "classes: canonical13\nimage: {size: 32}\ntraining: {folds: 2}\ndomains:\n"
        "  acevedo: {path: images/pbc, layout: acevedo_20, clean: rgb}\n  own: {path: images/own}\n"
    )
    return broken


def test_images_that_a_cleaning_rule_cannot_measure_are_told_at_once(refused, cleaned):
    found = refused("data", "prepare", code=DATA)
    assert found["what"].startswith("2 images cannot be used:")
    assert all(str(path) in found["what"] for path in cleaned)


def test_the_audit_goes_on_past_images_that_a_cleaning_rule_cannot_measure(place, cleaned):
    told = place.json("data", "check", "--write-ignore", "lists")
    assert told["unreadable"] == 2
    listed = (place.folder / "lists" / "acevedo.ignore").read_text()
    assert all(path.name in listed for path in cleaned)


def test_what_a_cleaning_rule_measured_stays_as_long_as_it_is_needed(place, cleaned):
    for path in cleaned:
        path.unlink()
    assert place.call("data", "prepare").code == 0
    before = {path.name for path in (place.folder / ".wbcray").glob("mean-red-*")}
    assert "removed 0 folders and 0 files" in place.call("data", "prepare", "--prune").err
    (place.images / "pbc/basophil/BA_000000.jpg").unlink()
    assert place.json("data", "prepare", "--prune")["removed"][-1:] == sorted(before)
    assert len(list((place.folder / ".wbcray").glob("mean-red-*"))) == 1


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_sees_a_bar_for_each_domain(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with decoding() as on_progress:
        on_progress("north [1]", 3, 9)
        on_progress("south", 2, 4)
    assert "decoding north [1]" in screen.getvalue()
    assert "3/9" in screen.getvalue()
    assert "2/4" in screen.getvalue()


def test_a_terminal_sees_no_bar_where_nothing_is_decoded(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with decoding():
        pass
    assert screen.getvalue() == ""


def test_elsewhere_a_domain_is_a_line(capsys):
    with decoding() as on_progress:
        for done in range(1, 4):
            on_progress("north", done, 3)
    assert capsys.readouterr().err == "decoded 3 of 3 images of north\n"
