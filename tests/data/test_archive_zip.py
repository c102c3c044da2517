"""Zip archives that nobody should unpack."""

import stat
import struct
import zipfile

import pytest
from archive_making import IMAGES, refusal, with_name_in_both_headers, write, zip_entry, zipped

from wbcray.data.archive import zipped as reader
from wbcray.data.archive.member import Limits
from wbcray.data.archive.opening import read_index


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (stat.S_IFLNK | 0o777, "is a symbolic link"),
        (stat.S_IFIFO | 0o600, "is a FIFO"),
        (stat.S_IFCHR | 0o600, "is a device"),
        (stat.S_IFBLK | 0o600, "is a device"),
        (stat.S_IFSOCK | 0o600, "is a socket"),
        (0o170000, "is neither a file nor a folder"),
    ],
)
def test_what_is_neither_file_nor_folder_is_refused(tmp_path, mode, words):
    path = write(tmp_path, zipped({zip_entry("a.png", mode=mode): b"/etc/passwd"}))
    assert refusal(path) == f"'a.png' {words}"


def test_an_encrypted_member_is_refused(tmp_path):
    content = bytearray(zipped({"a.png": b"1"}))
    index = content.index(b"PK\x01\x02")
    content[index + 8] |= 1
    assert refusal(write(tmp_path, content)) == "'a.png' is encrypted"


@pytest.mark.parametrize(
    ("method", "words"),
    [(zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "LZMA")],
)
def test_packing_without_a_bound_on_memory_is_refused(tmp_path, method, words):
    path = write(tmp_path, zipped({"a.png": b"1"}, method=method))
    assert refusal(path) == f"'a.png' is compressed by {words}; only deflate is read"


def test_a_folder_with_content_is_refused(tmp_path):
    path = write(tmp_path, with_name_in_both_headers(zipped({"abc": b"1"}), b"abc", b"ab/"))
    assert refusal(path) == "'ab/' is a folder with content"


def test_a_bomb_of_zeros_is_refused_with_its_ratio(tmp_path):
    path = write(tmp_path, zipped({"a.png": bytes(20_000_000)}))
    what = refusal(path)
    assert f"the archive of {path.stat().st_size} bytes unpacks to 20000000 or more" in what
    assert "times its size; the limit is 200 times" in what


def test_a_bomb_of_many_names_for_the_same_bytes_is_refused(tmp_path):
    content = zipped({"a.png": b"1", "b.png": b"1"})
    index = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", index + 1)
    # the second entry of the index points to the first member
    both = bytearray(content)
    both[second + 42 : second + 46] = both[index + 42 : index + 46]
    assert "'a.png' shares its bytes with another member" in refusal(write(tmp_path, both))


def test_a_member_that_lies_beyond_the_end_is_refused(tmp_path):
    content = bytearray(zipped({"a.png": b"1"}))
    index = content.index(b"PK\x01\x02")
    content[index + 42 : index + 46] = struct.pack("<L", 1_000_000)
    assert "shares its bytes" in refusal(write(tmp_path, content))


def test_too_many_members_are_refused(tmp_path):
    path = write(tmp_path, zipped(IMAGES))
    assert refusal(path, Limits(members=2)) == "the archive has more than 2 members"


def test_an_index_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    path = write(tmp_path, zipped(IMAGES))
    monkeypatch.setattr(reader, "MAX_INDEX_BYTES", 100)
    assert "its index has" in refusal(path)


def test_an_index_that_claims_all_memory_is_not_read(tmp_path):
    # zip64, whose fields have room for it
    end = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, 2**60, 0)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 4, 1)
    last = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    assert "damaged" in refusal(write(tmp_path, b"PK\x03\x04" + end + locator + last))


@pytest.mark.parametrize("left", [4, 60, 150, -1])
def test_a_zip_that_is_cut_off_is_damaged(tmp_path, left):
    path = write(tmp_path, zipped(IMAGES)[:left])
    assert refusal(path).startswith("the archive is damaged or cut off: ")


def test_an_archive_without_files_is_refused(tmp_path):
    assert refusal(write(tmp_path, zipped({}))) == "the archive holds no file"


def test_what_a_file_ending_says_does_not_matter(tmp_path):
    path = write(tmp_path, zipped(IMAGES), "archive.tar")
    index = read_index(path)
    assert [file.path for file in index.files] == list(IMAGES)
    assert index.size == 10


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html>\n", "it starts with '<!DOCTYPE html>.'"),
        (b"Rar!\x1a\x07\x01\x00", "this is a RAR archive; read are zip"),
        (b"7z\xbc\xaf'\x1c\x00\x04", "this is a 7z archive; read are zip"),
    ],
    ids=["empty", "html", "rar", "7z"],
)
def test_what_is_no_archive_is_refused_with_its_beginning(tmp_path, content, words):
    assert words in refusal(write(tmp_path, content))


def test_entries_that_the_index_lost_are_missed(tmp_path):
    content = bytearray(zipped(IMAGES))
    last = content.rindex(b"PK\x01\x02")
    second = content.rindex(b"PK\x01\x02", 0, last)
    # the comment of the second entry takes in the third
    content[second + 32 : second + 34] = struct.pack("<H", content.rindex(b"PK\x05\x06") - last)
    assert "its index has 2 entries, its end says 3" in refusal(write(tmp_path, content))
