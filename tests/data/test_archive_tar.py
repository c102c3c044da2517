"""Tar archives that nobody should unpack."""

import gzip
import lzma
import tarfile

import pytest
from archive_making import IMAGES, header_of, refusal, tar_entry, tarred, write

from wbcray.data.archive import xz
from wbcray.data.archive.member import Limits
from wbcray.data.archive.opening import read_index

END = bytes(1024)
MODES = ["w", "w:gz", "w:bz2", "w:xz"]


@pytest.mark.parametrize("mode", MODES)
def test_every_packing_is_read(tmp_path, mode):
    path = write(tmp_path, tarred(IMAGES, mode=mode))
    assert [file.path for file in read_index(path).files] == list(IMAGES)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_headers_is_read(tmp_path, form):
    name = "a/" * 20 + "x" * 90
    path = write(tmp_path, tarred({name: b"1", "ü": b"2"}, form=form))
    assert [file.path for file in read_index(path).files] == [name, "ü"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "is a symbolic link"),
        (tarfile.LNKTYPE, "is a hard link"),
        (tarfile.FIFOTYPE, "is a FIFO"),
        (tarfile.CHRTYPE, "is a device"),
        (tarfile.BLKTYPE, "is a device"),
        (tarfile.GNUTYPE_SPARSE, "is a sparse file"),
        (b"Z", "is neither a file nor a folder"),
    ],
)
def test_what_is_neither_file_nor_folder_is_refused(tmp_path, kind, words):
    entry = tar_entry("a.png", kind=kind, link="/etc/passwd")
    path = write(tmp_path, tarred({"b.png": b"1", entry: b""}))
    assert refusal(path) == f"'a.png' {words}"


def test_a_sparse_file_in_the_newer_form_is_refused(tmp_path):
    headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "1000000000000", "GNU.sparse.name": "a"}
    path = write(tmp_path, tarred({tar_entry("a.png", headers=headers): b"1"}))
    assert "is a sparse file" in refusal(path)


@pytest.mark.parametrize("size", [-512, -1024, -(2**40)])
def test_sizes_that_lead_back_never_end_in_a_circle(tmp_path, size):
    path = write(tmp_path, header_of(b"a") + header_of(b"b", size=size) + END)
    assert "damaged or cut off" in refusal(path)


def test_a_size_from_the_extended_headers_that_leads_back_is_refused(tmp_path):
    headers = {"size": "-1024"}
    path = write(tmp_path, tarred({tar_entry("a.png", headers=headers): b""}))
    assert "damaged or cut off" in refusal(path)


def test_a_bomb_is_refused_as_soon_as_it_is_beyond_its_ratio(tmp_path):
    path = write(tmp_path, gzip.compress(header_of(b"a", size=2**33 - 1) + bytes(20_000_000)))
    what = refusal(path)
    assert "times its size; the limit is 200 times" in what
    unpacked = int(what.split("unpacks to ")[1].split()[0])
    assert unpacked < 11_000_000


def test_a_header_that_would_fill_the_memory_is_not_read(tmp_path):
    bomb = header_of(b"a", kind=b"x", size=8_000_000) + bytes(8_000_000) + header_of(b"b") + END
    what = refusal(write(tmp_path, gzip.compress(bomb)))
    assert "a member has headers of more than 16384 bytes" in what


def test_headers_before_headers_without_end_are_refused(tmp_path):
    chain = header_of(b"a", kind=b"x", size=512) + b"9 a=b\n".ljust(512, b"\0")
    assert "headers of more than" in refusal(write(tmp_path, chain * 5000 + END))


def test_xz_that_asks_for_too_much_memory_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path, tarred(IMAGES, mode="w:xz"))
    monkeypatch.setattr(xz, "MAX_MEMORY", 1_000_000)
    assert "emory usage limit" in refusal(path)


def test_xz_in_several_streams_is_one_archive(tmp_path):
    content = tarred(IMAGES)
    parts = [lzma.compress(content[:700]), bytes(8), lzma.compress(content[700:])]
    assert len(read_index(write(tmp_path, b"".join(parts))).files) == 3


def test_too_many_members_are_refused(tmp_path):
    path = write(tmp_path, tarred(IMAGES))
    assert refusal(path, Limits(members=2)) == "the archive has more than 2 members"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_tar_that_is_cut_off_is_damaged(tmp_path, mode, share):
    content = tarred({f"{number}.png": bytes(range(256)) * 40 for number in range(9)}, mode=mode)
    path = write(tmp_path, content[: int(len(content) * share)])
    assert refusal(path).startswith("the archive is damaged or cut off: ")


def test_a_damaged_header_in_the_midst_is_not_taken_for_the_end(tmp_path):
    content = bytearray(tarred(IMAGES))
    second = content.index(b"cells/blast/2.png")
    content[second] ^= 1
    assert "it ends without the mark of its end" in refusal(write(tmp_path, content))
    # the standard library says nothing of it
    with tarfile.open(tmp_path / "archive") as archive:
        assert archive.getnames() == ["cells/blast/1.png"]


def test_damage_in_packed_bytes_is_found(tmp_path):
    content = bytearray(tarred({"a.png": bytes(range(256)) * 40}, mode="w:gz"))
    content[len(content) // 2] ^= 16
    assert "damaged or cut off" in refusal(write(tmp_path, content))
