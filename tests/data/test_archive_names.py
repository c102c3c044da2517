"""Names that must not become paths, in both formats, and names that may."""

import pytest
from archive_making import header_of, refusal, tarred, write, zip_entry, zipped

from wbcray.data.archive.opening import read_index

BAD = [
    ("../x.png", "'../x.png' leads out of the folder by '..'"),
    ("a/../../x.png", "'a/../../x.png' leads out of the folder by '..'"),
    ("a/..", "'a/..' leads out of the folder by '..'"),
    ("/etc/x.png", "'/etc/x.png' has an absolute path"),
    ("C:/x.png", "'C:/x.png' has a drive letter in its path"),
    ("a/c:x.png", "'a/c:x.png' has a drive letter in its path"),
    ("a\\x.png", "'a\\\\x.png' has a '\\' in its path, which is a separator on Windows"),
    ("a/x\u202egnp.exe", "'a/x\\u202egnp.exe' has the invisible character U+202E in its path"),
    ("a/x\n.png", "'a/x\\n.png' has the invisible character U+000A in its path"),
    ("a/x\u200b.png", "'a/x\\u200b.png' has the invisible character U+200B in its path"),
    ("\u2025/x.png", "'\u2025/x.png' has characters in its path that stand for '/'"),
    ("a\uff0fx.png", "'a\uff0fx.png' has characters in its path that stand for '/'"),
    ("a\uff3cx.png", "'a\uff3cx.png' has characters in its path that stand for '/'"),
    ("a/... /x.png", "'a/... /x.png' has a name of dots and blanks alone in its path"),
    ("a/" + "x" * 256, "has a name of 256 bytes in its path, more than 255"),
    ("a" * 9 + ("/" + "x" * 200) * 6, "has a path of 1215 bytes, more than 1024"),
    ("a/" * 40 + "x.png", "lies 41 folders deep, more than 32"),
]
IDS = [
    *("parent", "parent below", "parent as file", "absolute", "drive", "drive below", "backslash"),
    *("right to left", "line break", "zero width", "two dot leader", "wide slash"),
    *("wide backslash", "dots", "long name", "long path", "deep"),
]


@pytest.mark.parametrize(("name", "words"), BAD, ids=IDS)
@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_bad_name_is_refused(tmp_path, form, name, words):
    make = zipped if form == "zip" else tarred
    path = write(
        tmp_path, make({"good.png": b"1", (zip_entry(name) if form == "zip" else name): b""})
    )
    assert words in refusal(path)


def test_a_zero_byte_in_a_name_is_refused(tmp_path):
    # where `zipfile` cuts a name off, others may not
    path = write(tmp_path, zipped({zip_entry("a.png\0.exe"): b"1"}))
    assert refusal(path) == "'a.png\\x00.exe' has the invisible character U+0000 in its path"


def test_a_name_that_is_not_utf_8_is_refused(tmp_path):
    tape = header_of(b"a/\xff.png") + bytes(1024)
    assert "has a name that is not UTF-8 text" in refusal(write(tmp_path, tape))


def test_a_file_without_a_name_is_refused(tmp_path):
    assert "has no name" in refusal(write(tmp_path, header_of(b"./.") + bytes(1024)))


COLLIDING = [
    ("a/X.png", "a/x.png"),
    ("A/1.png", "a/2.png"),
    ("a/x.png", "a/x.png. "),
    ("a/\u00e9.png", "a/e\u0301.png"),
    ("a/\ufb01.png", "a/fi.png"),
    ("a/ß.png", "a/SS.png"),
]


@pytest.mark.parametrize("names", COLLIDING)
def test_names_that_are_one_on_some_system_are_refused(tmp_path, names):
    path = write(tmp_path, zipped(dict.fromkeys(names, b"1")))
    what = refusal(path)
    assert "differ in case or in the form of characters alone" in what
    assert "\n" not in what


def test_a_name_that_is_there_twice_is_refused(tmp_path):
    path = write(tmp_path, tarred({"a/x.png": b"1", "./a//x.png": b"2"}))
    assert refusal(path) == "'a/x.png' is there twice"


@pytest.mark.parametrize("names", [("a", "a/x.png"), ("a/x.png", "a")])
def test_a_file_that_is_also_a_folder_is_refused(tmp_path, names):
    path = write(tmp_path, zipped(dict.fromkeys(names, b"1")))
    assert refusal(path) == "'a' is a file and a folder"


def test_all_problems_are_told_at_once_and_those_beyond_20_counted(tmp_path):
    names = [f"../{number}" for number in range(21)]
    path = write(tmp_path, zipped({"/b": b"", **dict.fromkeys(names, b"")}), "bad.zip")
    first, second, third, *_, last = refusal(path).split("\n    ")
    assert first == "22 problems in bad.zip:"
    assert second == "'/b' has an absolute path"
    assert third == "'../0' leads out of the folder by '..'"
    assert last == "... and 2 more"


def test_a_long_name_is_cut_in_the_message(tmp_path):
    path = write(tmp_path, zipped({"../" + "x" * 200: b""}))
    assert refusal(path) == f"'../{'x' * 52}...' leads out of the folder by '..'"


GOOD = ["Übersicht/Zelle 1.png", "a/12:30.png", "細胞/x.png", "a/..b.png", "a/x…png", "-rf", "~"]


@pytest.mark.parametrize("make", [zipped, tarred], ids=["zip", "tar"])
def test_names_from_all_over_the_world_are_read(tmp_path, make):
    path = write(tmp_path, make({f"./{name}": b"1" for name in GOOD}))
    assert [file.path for file in read_index(path).files] == GOOD
