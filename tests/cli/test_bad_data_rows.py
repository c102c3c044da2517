"""Rows 20 to 36 of what a user may get wrong: folders, images, tables of labels, leakage, folds.

Each is refused in words that help, with its exit code; nothing is written, no Ray is started.
"""

import os
import shutil

import numpy as np
import pytest
from bad_rows import DATA, DESCRIBE, PREPARE, REFUSED, TRAIN, check, row
from image_making import bordered, claiming, deep_png, flat, save
from PIL import Image

CELL = "images/south/blast/3.png"


def image(content):
    """One image file with these bytes."""
    return lambda place: (place.folder / CELL).write_bytes(content)


def drawn(make, *arguments, **options):
    """One image file, saved by Pillow."""

    def spoil(place):
        made = save(place.folder, make(*arguments), "made.tif", **options)
        made.rename(place.folder / CELL)

    return spoil


def pages(place):
    """One image file with three pages."""
    several = [Image.fromarray(flat(8, 8, (shade, 0, 0))) for shade in (10, 20, 30)]
    several[0].save(place.folder / CELL, "TIFF", save_all=True, append_images=several[1:])


def truncated(place):
    """One JPEG file that lacks its second half."""
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    content = save(place.folder, noise, "whole.jpg").read_bytes()
    (place.folder / "whole.jpg").unlink()
    (place.folder / CELL).write_bytes(content[: len(content) // 2])


def hole():
    """Pixels of which one, inside, is transparent."""
    alpha = np.full((32, 32), 255, dtype=np.uint8)
    alpha[16, 16] = 0
    return bordered(alpha)


def emptied(*folders):
    """Class folders without anything in them."""

    def spoil(place):
        for folder in folders:
            shutil.rmtree(place.images / folder)
            (place.images / folder).mkdir()

    return spoil


def holding_only(folder, name):
    """A folder in which there is this file and no image."""

    def spoil(place):
        emptied(folder)(place)
        (place.images / folder / name).touch()

    return spoil


def one_class(place):
    """A domain with a single class folder."""
    shutil.rmtree(place.images / "south/blast")
    shutil.rmtree(place.images / "south/eosinophil")


def named(name):
    """A file of this name beside `a.png`."""

    def spoil(place):
        for each in ("a.png", name):
            (place.images / "south/blast" / each).touch()

    return spoil


def pipe(place):
    """A named pipe that bears an image's name."""
    os.mkfifo(place.images / "south/blast/x.png")


def circle(place):
    """A link to itself that bears an image's name."""
    (place.images / "south/blast/x.png").symlink_to("x.png")


FOLDERS = [
    row("20 missing root", DESCRIBE, DATA, "the folder of domain 'south' does not exist",
        "images/south", "correct `path` in wbcray.yaml",
        lambda place: shutil.rmtree(place.images / "south")),
    row("21 no images", DESCRIBE, DATA, "domain 'south' has no image: it is empty", "images/south",
        "expected class folders with image files", emptied("south")),
    row("21 one domain", DESCRIBE, DATA, "found 1 domain (north); holding one out needs at least 2",
        "wbcray.yaml", "expected layout: domain/class/image.png",
        lambda place: place.replace("  south: {path: images/south}\n"
                                    "  west: {path: images/west}\n", "")),
    row("22 empty class folder", DESCRIBE, DATA, "class folder 'blast' of domain 'south' has no "
        "image", "images/south/blast", "put .png", emptied("south/blast")),
    row("21 other files", DESCRIBE, DATA, "there are 1 files (first: 'slide.svs')", "images/south",
        "expected class folders", holding_only("south", "slide.svs")),
    row("22 other files", DESCRIBE, DATA, "there are 1 files (first: '0.gif')",
        "images/south/blast", "put .png", holding_only("south/blast", "0.gif")),
    row("23 one class", DESCRIBE, REFUSED, "domain 'south' has only the class 'monocyte'",
        "wbcray.yaml:5", "`allow: [single_class]`", one_class),
    row("23 one class, train", TRAIN, REFUSED, "domain 'south' has only the class 'monocyte'",
        "wbcray.yaml:5", "`allow: [single_class]`", one_class),
    row("29 case", DESCRIBE, DATA, "'blast/A.png' and 'blast/a.png' differ in case alone",
        "images/south", "rename one of them", named("A.png")),
    row("29 bytes", DESCRIBE, DATA, "the file name 'blast/c\\udcff.png' is not UTF-8 text",
        "images/south", "rename the file", named(os.fsdecode(b"c\xff.png"))),
    row("29 circle of links", DESCRIBE, DATA, "'x.png' is a link that leads to no file",
        "images/south/blast/x.png", "remove it", circle),
    row("29 FIFO", DESCRIBE, DATA, "'x.png' is a FIFO, not an image", "images/south/blast/x.png",
        "remove it", pipe),
]  # fmt: skip

IMAGES = [
    row("24 zero bytes", PREPARE, DATA, "cannot read image: the file is empty", CELL,
        "restore the file from its source, or remove it", image(b"")),
    row("25 truncated", PREPARE, DATA, "bytes end before the image does", CELL,
        "restore the file from its source", truncated),
    row("26 HTML", PREPARE, DATA, "it is not a PNG, JPEG, TIFF or BMP image (starts with '<html>",
        CELL, "restore the file from its source", image(b"<html><title>404")),
    row("26 GIF", PREPARE, DATA, "(starts with 'GIF89a....'): failed download?", CELL,
        "restore the file from its source", image(b"GIF89a\1\0\1\0")),
    row("27 bomb", PREPARE, DATA, "image is 400 Mpx, more than 25 Mpx", CELL,
        "crop single cells first", image(claiming(20_000, 20_000))),
    row("27 large", PREPARE, DATA, "image is 6000x6000 px (36 Mpx), more than 25 Mpx", CELL,
        "crop single cells first", image(claiming(6000, 6000))),
    row("28 16 bit", PREPARE, DATA, "more than 8 bits per channel, which would be lost", CELL,
        "convert it to 8-bit RGB", image(deep_png(32, 2))),
    row("28 float", PREPARE, DATA, "image has mode F with more than 8 bits", CELL,
        "convert it to 8-bit RGB", drawn(np.zeros, (32, 32), np.float32)),
    row("28 alpha", PREPARE, DATA, "transparent pixels inside", CELL, "without an alpha channel",
        drawn(hole)),
    row("28 pages", PREPARE, DATA, "image has 3 pages or frames", CELL, "a file of its own", pages),
]  # fmt: skip

B0, E0, M0 = (f"north/{name}/0.png" for name in ("blast", "eosinophil", "monocyte"))
GOOD = ("image,label", f"{B0},blast", f"{E0},eosinophil", f"{M0},monocyte")


def table(*lines, encoding="utf-8", entry=""):
    """The domain north as a CSV file of these lines."""

    def spoil(place):
        (place.images / "labels.csv").write_bytes("\n".join(lines).encode(encoding))
        place.replace("{path: images/north}", f"{{path: images/labels.csv{entry}}}")

    return spoil


TABLES = [
    row("30 no column domain", DESCRIBE, DATA,
        "missing column 'domain'; the file has: image, label, site", "labels.csv:1",
        "columns: {domain: site}",
        table("image,label,site", f"{B0},blast,a", entry=", select: a")),
    row("30 no column label", DESCRIBE, DATA, "missing column 'label'; the file has: image, class",
        "labels.csv:1", "columns: {label: class}", table("image,class", f"{B0},blast")),
    row("31 separator", DESCRIBE, DATA, "its separator looks like ';'", "labels.csv:1",
        "commas", table("image;label", f"{B0};blast")),
    row("31 separator of one row", DESCRIBE, DATA,
        "1 fields, expected 2; its separator looks like ';'", "labels.csv:5", "a row that is too "
        "short", table(*GOOD, f"{B0};blast")),
    row("31 ragged", DESCRIBE, DATA, "4 fields, expected 2", "labels.csv:5",
        "quote a field that holds a comma", table(*GOOD, "a,b,c,d")),
    row("31 Windows-1252", DESCRIBE, DATA, "byte 0xFC is not UTF-8; is it Windows-1252",
        "labels.csv:5", "save it as CSV in UTF-8", table(*GOOD, "Zürich.png,x", encoding="cp1252")),
    row("31 quote left open", DESCRIBE, DATA, "not CSV text: unexpected end of data",
        "labels.csv:5", "save it as CSV", table(*GOOD, f'"{B0},blast')),
    row("32 missing images", DESCRIBE, DATA,
        '2 rows point to missing images: row 5 "x.png" and row 6 "y.png"', "labels.csv:5",
        "add the files, or remove the rows", table(*GOOD, "x.png,blast", "y.png,blast")),
    row("32 line break in a name", DESCRIBE, DATA, '1 row points to missing images: row 3 "north',
        "labels.csv:3", "give paths", table(*GOOD[:2], '"north\n/x.png",blast')),
    row("33 twice", DESCRIBE, DATA, f"image '{B0}' is listed twice, in rows 2 and 5",
        "labels.csv:5", "keep one row per image", table(*GOOD, f"./{B0},blast")),
    row("33 two labels", DESCRIBE, DATA,
        f"image '{B0}' has labels 'blast' (row 2) and 'monocyte' (row 5)", "labels.csv:5",
        "keep one row per image, the true one", table(*GOOD, f"{B0},monocyte")),
    row("34 unknown label", DESCRIBE, DATA, "label 'Monozyte' (row 4) is not among the classes",
        "labels.csv:4", "did you mean 'monocyte'?", table(*GOOD[:3], f"{M0},Monozyte")),
    row("34 unknown label, twice", DESCRIBE, DATA, "label 'Blastt' (rows 2 and 3) is not among",
        "labels.csv:2", "label_map: {Blastt: CLASS}",
        table(GOOD[0], f"{B0},Blastt", f"{E0},Blastt", f"{M0},monocyte")),
    row("36 one image", TRAIN, DATA, "domain 'north' cannot be divided into 2 folds",
        "domain 'north'", "leave the domain out, or add images to it", table(*GOOD)),
    row("36 fewer patients than folds", (*TRAIN, "--folds", "3"), DATA,
        "domain 'north' has 2 different patients or pictures, fewer than 3 folds", "domain 'north'",
        "use --folds 2 or fewer",
        table("image,label,patient", *(f"north/blast/{n}.png,blast,P{n % 2}" for n in range(6)),
              f"{M0},monocyte,P0")),
    row("36 fewer images than folds", (*TRAIN, "--folds", "7"), DATA,
        "cannot be divided into 7 folds: its largest class 'blast' has 6 images", "domain 'north'",
        "use --folds 6 or fewer"),
]  # fmt: skip


def copied(place):
    """One image in two domains: what is tested on is trained on."""
    shutil.copy(place.images / "north/blast/0.png", place.images / "west/blast/copy.png")


LEAKAGE = [
    row("35 a copy", TRAIN, REFUSED, "leakage: 1 pair of images", "/leakage-", "allow: [leakage]",
        copied),
]  # fmt: skip


@pytest.mark.parametrize("bad", [*FOLDERS, *IMAGES, *TABLES, *LEAKAGE])
def test_data_cannot_be_used_as_they_are(place, refused, no_session, bad):
    check(bad, place, refused)


def test_row_20_a_data_root_may_not_be_read(place, refused, monkeypatch):
    scandir = os.scandir

    def denied(path):
        if str(path).endswith("images/south"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    # as root, whom nothing is denied, tests cannot take the permission away
    monkeypatch.setattr("os.scandir", denied)
    found = refused(*DESCRIBE, code=DATA, in_json=False)
    assert "Permission denied" in found["what"]
    assert found["where"] == str(place.images / "south")
    assert "permission" in found["fix"]


def test_row_23_the_guard_rail_is_lifted_by_the_project(place):
    one_class(place)
    place.project.write_text(place.project.read_text() + "allow: [single_class]\n")
    assert place.call(*DESCRIBE).code == 0


@pytest.mark.parametrize("spoil", [drawn(flat, 32, 32, mode="CMYK"), drawn(flat, 32, 32, mode="1")],
                         ids=["row 28 CMYK", "row 28 black and white"])  # fmt: skip
def test_colours_that_can_be_converted_without_loss_are_read(place, spoil):
    spoil(place)
    assert place.call(*PREPARE).code == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"], ids=["row 31 plain", "row 31 BOM"])
def test_a_table_as_spreadsheets_write_it_is_read(place, encoding):
    table("image,label,note", *(f'{line},"two\nlines"' for line in GOOD[1:]), encoding=encoding)(
        place
    )
    counts = place.json(*DESCRIBE)["counts"]["north"]
    assert counts == {"blast": 1, "eosinophil": 1, "monocyte": 1}


def test_row_32_images_that_a_table_does_not_list_are_counted(place):
    table(*GOOD)(place)
    assert "15 images not used, as labels.csv does not list them" in place.call(*DESCRIBE).err


def test_row_34_all_that_is_wrong_with_a_table_is_told_at_once(place, refused):
    table(*GOOD, f"{B0},blast", "x.png,Blst", "only one field")(place)
    found = refused(*DESCRIBE, code=DATA, in_json=False)
    told = found["what"].splitlines()
    assert told[0] == "4 problems in labels.csv:"
    assert [line.split()[0] for line in told[1:]] == [
        *("labels.csv:5:", "labels.csv:6:", "labels.csv:6:", "labels.csv:7:")
    ]


def test_row_36_a_class_with_fewer_images_than_folds_is_warned_of(place):
    for number in range(1, 6):
        (place.images / f"south/blast/{number}.png").unlink()
    said = place.call("data", "check")
    assert said.code == 0
    assert "'blast' has 1 image in 'south', fewer than 2 folds" in said.out + said.err
