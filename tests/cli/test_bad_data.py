"""Folders and tables that cannot be used as they are: what, where, how to mend it, exit code."""

import os

import pytest

DATA, REFUSED = 3, 7
LISTING = ("data", "describe")
TRAIN = ("train", "--method", "erm", "--held-out", "west")


def empty(folder):
    for path in folder.iterdir():
        path.unlink()


def make_circle(path):
    path.symlink_to(path)


# --- folders ------------------------------------------------------------------------------------


def test_a_data_root_that_may_not_be_read_is_named(place, refused, monkeypatch):
    scandir = os.scandir

    def denied(path):
        if str(path).endswith("images/south"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    # as root, whom nothing is denied, tests cannot take the permission away
    monkeypatch.setattr("os.scandir", denied)
    found = refused(*LISTING, code=DATA)
    assert "Permission denied" in found["what"]
    assert found["where"] == str(place.images / "south")
    assert "permission" in found["fix"]


def test_one_domain_is_not_enough_to_hold_one_out(place, refused):
    place.replace("  south: {path: images/south}\n  west: {path: images/west}\n", "")
    found = refused(*LISTING, code=DATA)
    assert found["what"].startswith("found 1 domain (north); holding one out needs at least 2")
    assert "expected layout: domain/class/image.png" in found["fix"]


def test_a_data_root_without_images_says_what_is_there_instead(place, refused):
    (place.images / "south").rename(place.images / "gone")
    (place.images / "south").mkdir()
    (place.images / "south" / "slide.svs").touch()
    found = refused(*LISTING, code=DATA)
    assert "domain 'south' has no image: there are 1 files (first: 'slide.svs')" in found["what"]
    assert found["where"] == str(place.images / "south")
    assert "expected class folders" in found["fix"]


def test_an_empty_class_folder_is_not_overlooked(place, refused):
    empty(place.images / "south" / "blast")
    (place.images / "south" / "blast" / "0.gif").touch()
    found = refused(*LISTING, code=DATA)
    assert "class folder 'blast' of domain 'south' has no image" in found["what"]
    assert "(first: '0.gif')" in found["what"]
    assert found["where"] == str(place.images / "south" / "blast")


@pytest.mark.parametrize("command", [LISTING, TRAIN], ids=["describe", "train"])
def test_a_domain_with_one_class_is_refused_by_a_guard_rail(place, refused, command):
    for label in ("blast", "eosinophil"):
        empty(place.images / "south" / label)
        (place.images / "south" / label).rmdir()
    found = refused(*command, code=REFUSED)
    assert "domain 'south' has only the class 'monocyte'" in found["what"]
    assert found["where"].endswith("wbcray.yaml:5")
    assert "`allow: [single_class]`" in found["fix"]


def test_the_guard_rail_can_be_lifted(place):
    for label in ("blast", "eosinophil"):
        empty(place.images / "south" / label)
        (place.images / "south" / label).rmdir()
    place.project.write_text(place.project.read_text() + "allow: [single_class]\n")
    assert place.call(*LISTING).code == 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (os.mkfifo, "'x.png' is a FIFO, not an image"),
        (make_circle, "'x.png' is a link that leads to no file"),
    ],
    ids=["FIFO", "circle of links"],
)
def test_what_only_bears_the_name_of_an_image_is_refused(place, refused, make, words):
    path = place.images / "south" / "blast" / "x.png"
    make(path)
    found = refused(*LISTING, code=DATA)
    assert found["what"] == words
    assert found["where"] == str(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("A.png", "'blast/A.png' and 'blast/a.png' differ in case alone"),
        (os.fsdecode(b"cell\xff.png"), "is not UTF-8 text"),
    ],
    ids=["case", "bytes"],
)
def test_a_file_name_that_others_could_not_hold_is_refused(place, refused, name, words):
    for other in ("a.png", name):
        (place.images / "south" / "blast" / other).touch()
    found = refused(*LISTING, code=DATA)
    assert words in found["what"]
    assert found["where"].endswith("images/south")
    assert "rename" in found["fix"]


# --- tables -------------------------------------------------------------------------------------


@pytest.fixture
def table(place):
    """Make the domain north a table: of these lines, each a row, in this encoding."""

    def write(*lines, encoding="utf-8", entry=""):
        path = place.images / "labels.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        place.replace("{path: images/north}", f"{{path: images/labels.csv{entry}}}")
        return path

    return write


B0, E0, M0 = (f"north/{name}/0.png" for name in ("blast", "eosinophil", "monocyte"))
GOOD = ("image,label", f"{B0},blast", f"{E0},eosinophil", f"{M0},monocyte")

TABLES = [
    (("image,class", f"{B0},blast"), 1,
     "missing column 'label'; the file has: image, class", "columns: {label: class}"),
    (("image;label", f"{B0};blast"), 1, "separator looks like ';'", "commas"),
    ((*GOOD, f"{B0};blast;x"), 5, "1 fields, expected 2; its separator looks like ';'", "row"),
    ((*GOOD, "a,b,c,d,e"), 5, "5 fields, expected 2", "quote a field that holds a comma"),
    ((*GOOD, "x.png,blast", "y.png,blast"), 5,
     '2 rows point to missing images: row 5 "x.png" and row 6 "y.png"', "remove the rows"),
    ((*GOOD, f"{B0},monocyte"), 5,
     f"image '{B0}' has labels 'blast' (row 2) and 'monocyte' (row 5)", "keep one row per image"),
    ((*GOOD, f"./{B0},blast"), 5,
     f"image '{B0}' is listed twice, in rows 2 and 5", "keep one row per image"),
    ((GOOD[0], f"{B0},Blastt", f"{E0},Blastt", f"{M0},monocyte"), 2,
     "label 'Blastt' (rows 2 and 3) is not among the classes", "label_map: {Blastt: CLASS}"),
    ((*GOOD[:2], '"north\n/x.png",blast'), 3, "1 row points to missing images", "paths"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "line", "words", "fix"), TABLES, ids=[item[2][:40] for item in TABLES]
)
def test_a_bad_table_is_refused_with_its_line_and_a_fix(table, refused, lines, line, words, fix):
    path = table(*lines)
    found = refused(*LISTING, code=DATA)
    assert words in found["what"]
    assert found["where"] == f"{path}:{line}"
    assert fix in found["fix"]


def test_a_missing_domain_column_is_answered_with_how_to_map_it(table, refused):
    path = table("image,label,site", f"{B0},blast,a", entry=", columns: {domain: domain}")
    found = refused(*LISTING, code=DATA)
    assert found["what"] == "missing column 'domain'; the file has: image, label, site"
    assert found["where"] == f"{path}:1"
    assert "columns: {domain: site}" in found["fix"]


def test_a_table_in_another_encoding_is_refused_with_the_line_of_the_first_such_byte(
    table, refused
):
    path = table(*GOOD, "Zürich.png,blast", encoding="cp1252")
    found = refused(*LISTING, code=DATA)
    assert "byte 0xFC is not UTF-8; is it Windows-1252" in found["what"]
    assert found["where"] == f"{path}:5"
    assert "UTF-8" in found["fix"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_as_a_spreadsheet_writes_it_is_read(place, table, encoding):
    table(*GOOD, encoding=encoding)
    counts = place.json(*LISTING)["counts"]["north"]
    assert counts == {"blast": 1, "eosinophil": 1, "monocyte": 1}


# --- folds --------------------------------------------------------------------------------------


def test_fewer_patients_than_folds_are_refused_with_how_many_there_may_be(table, refused):
    rows = [f"north/blast/{number}.png,blast,P{number % 2}" for number in range(6)]
    table("image,label,patient", *rows, f"{M0},monocyte,P0")
    found = refused(*TRAIN, "--folds", "3", code=DATA)
    assert "domain 'north' has 2 different patients or pictures, fewer than 3" in found["what"]
    assert "--folds 2 or fewer" in found["fix"]


def test_fewer_images_of_the_largest_class_than_folds_are_refused(table, refused):
    table(*GOOD)
    found = refused(*TRAIN, code=DATA)
    assert "domain 'north' cannot be divided into 2 folds" in found["what"]
    assert "leave the domain out, or add images to it" in found["fix"]
