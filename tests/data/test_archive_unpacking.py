"""Unpacking: all of an archive, or nothing is left behind."""

import errno
import os
import random
import shutil
import struct
import tarfile
import zipfile

import pytest
from archive_making import IMAGES, tar_entry, tarred, write, zipped

from wbcray.core.errors import DataError, RefusedError, ResourceError, WbcrayError
from wbcray.data.archive import unpacking
from wbcray.data.archive.unpacking import unpack
from wbcray.data.archive.zipped import ZipArchive

FORMS = {
    "zip": zipped,
    "tar": tarred,
    **{mode: lambda files, mode=mode: tarred(files, mode=f"w:{mode}") for mode in ("gz", "xz")},
}


@pytest.fixture
def place(tmp_path):
    """A folder in which nothing but the archive may lie after a failure."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def refused(place, content, kind=DataError):
    """What unpacking says; it leaves nothing behind."""
    path = write(place, content)
    with pytest.raises(kind) as caught:
        unpack(path, place / "new" / "out")
    assert names(place) == ["archive"]
    return caught.value


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("form", FORMS)
def test_all_files_are_unpacked_with_their_content(place, form):
    large = bytes(range(256)) * 1000
    path = write(place, FORMS[form]({**IMAGES, "large.png": large}))
    index = unpack(path, place / "new" / "out")
    assert tree(place / "new" / "out") == {**IMAGES, "large.png": large}
    assert index.size == 10 + len(large)
    assert names(place) == ["archive", "new"]
    assert names(place / "new") == ["out"]


def test_an_empty_folder_is_filled(place):
    (place / "out").mkdir()
    unpack(write(place, zipped(IMAGES)), place / "out")
    assert tree(place / "out") == IMAGES


def test_modes_and_times_are_not_taken_over(place):
    entry = tar_entry("a.png")
    entry.mode, entry.mtime = 0o4777, 1
    unpack(write(place, tarred({entry: b"1"})), place / "out")
    status = (place / "out" / "a.png").stat()
    assert status.st_mode & 0o7111 == 0
    assert status.st_mtime > 1_000_000_000


def occupy(folder):
    folder.mkdir()
    (folder / "mine.png").touch()


def link(folder):
    folder.with_name("elsewhere").mkdir()
    folder.symlink_to("elsewhere")


@pytest.mark.parametrize("make", [occupy, os.mkfifo, link], ids=["full", "file", "link"])
def test_what_is_there_already_stays_as_it_is(place, make):
    path = write(place, zipped(IMAGES))
    make(place / "out")
    before = sorted(os.walk(place))
    with pytest.raises(RefusedError, match="something already") as caught:
        unpack(path, place / "out")
    assert caught.value.where == str(place / "out")
    assert sorted(os.walk(place)) == before


def test_content_that_is_longer_than_declared_is_refused(place):
    content = zipped({"a.png": bytes(100_000)})
    declared = struct.pack("<L", 100_000)
    assert content.count(declared) == 2
    error = refused(place, content.replace(declared, struct.pack("<L", 10)))
    assert "damaged or cut off" in error.what


def test_content_that_is_shorter_than_declared_is_refused(place):
    content = zipped({"a.png": b"12345"})
    error = refused(place, content.replace(struct.pack("<L", 5), struct.pack("<L", 9)))
    assert "4 fewer than the 9 bytes that are declared" in error.what or "damaged" in error.what


def test_bytes_are_counted_whatever_the_reader_says(place, monkeypatch):
    monkeypatch.setattr(ZipArchive, "_chunks", lambda *_: iter([b"12345", b"!"]))
    error = refused(place, zipped({"a.png": b"12345"}))
    assert error.what == "'a.png' unpacks to more than the 5 bytes that are declared"


def test_a_changed_byte_of_content_is_refused(place):
    content = zipped({"a.png": b"12345"}, method=zipfile.ZIP_STORED)
    assert "Bad CRC-32" in refused(place, content.replace(b"12345", b"12346")).what


def test_a_member_whose_two_headers_differ_is_refused(place):
    content = zipped({"a.png": b"1"})
    assert "differ" in refused(place, content.replace(b"a.png", b"b.png", 1)).what


def test_an_archive_that_is_written_meanwhile_is_refused(place, monkeypatch):
    path = write(place, tarred({"a.png": b"1"}))
    other = tarred({"b.png": b"1"})
    refuse_full_disk = unpacking._refuse_full_disk

    def write_between(*arguments):
        path.write_bytes(other)
        refuse_full_disk(*arguments)

    monkeypatch.setattr(unpacking, "_refuse_full_disk", write_between)
    with pytest.raises(DataError, match="was written while"):
        unpack(path, place / "out")
    assert names(place) == ["archive"]


def test_a_link_and_a_file_below_it_never_leave_the_folder(place):
    entries = {
        tar_entry("a", kind=tarfile.SYMTYPE, link=str(place.parent)): b"",
        "a/canary": b"1",
    }
    assert "is a symbolic link" in refused(place, tarred(entries)).what
    assert not (place.parent / "canary").exists()


def test_a_disk_without_room_is_said_before_anything_is_written(place, monkeypatch):
    usage = shutil.disk_usage(place)._replace(free=9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    error = refused(place, zipped(IMAGES), ResourceError)
    assert "the disk has 0.00 GB free" in error.what


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EIO, "Input/output error")]
)
def test_a_disk_that_fails_leaves_nothing_behind(place, monkeypatch, code, words):
    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("pathlib.Path.rename", fail)
    assert words in refused(place, zipped(IMAGES), ResourceError).what


def test_an_interruption_leaves_nothing_behind(place, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    path = write(place, zipped(IMAGES))
    monkeypatch.setattr(unpacking, "_write", interrupt)
    with pytest.raises(KeyboardInterrupt):
        unpack(path, place / "new" / "out")
    assert names(place) == ["archive"]


@pytest.mark.parametrize(
    ("make", "kind"),
    [(lambda _: None, ResourceError), (os.mkdir, DataError), (os.mkfifo, DataError)],
    ids=["missing", "folder", "FIFO"],
)
def test_an_archive_that_is_no_file_is_refused_and_never_opened(place, make, kind):
    make(place / "archive")
    with pytest.raises(kind) as caught:
        unpack(place / "archive", place / "out")
    assert caught.value.where == str(place / "archive")
    assert not (place / "out").exists()


def test_any_byte_that_changed_is_refused_or_harmless(place):
    rng, outcomes = random.Random(0), set()  # noqa: S311  # to be repeated
    whole = {form: make(IMAGES) for form, make in FORMS.items() if form != "tar"}
    for number in range(150):
        form = list(whole)[number % len(whole)]
        content = bytearray(whole[form])
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        target = place / str(number)
        try:
            unpack(write(place, content), target)
        except WbcrayError:
            assert not target.exists()
            outcomes.add("refused")
        else:
            assert sorted(tree(target).values()) == sorted(IMAGES.values())
            outcomes.add("harmless")
    assert outcomes == {"refused", "harmless"}
