import json
import os
import shutil
from pathlib import Path

import pytest
from grey_domains import VIEW, GreyDomains, greys

from wbcray.core.errors import StoreError
from wbcray.data.pixels import open_prepared
from wbcray.data.prepared import folder as folder_module
from wbcray.data.prepared.folder import open_folder, verify


@pytest.fixture
def data(tmp_path):
    return GreyDomains(tmp_path).write()


def empty(path):
    path.write_bytes(b"")


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def longer(path):
    path.write_bytes(path.read_bytes() + b"x")


def flip(path, place=-1):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def list_of_numbers(path):
    path.write_text("[1, 2]")


def claim_more(path):
    sealed = json.loads(path.read_text())
    sealed["payload"]["images"] += 1
    path.write_text(json.dumps(sealed))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (name, damage)
        for name in ("pixels.npy", "index.parquet", "seal.json")
        for damage in (empty, cut, longer, Path.unlink)
    ]
    + [
        ("pixels.npy", flip),
        ("pixels.npy", lambda path: flip(path, 3)),
        ("index.parquet", lambda path: flip(path, 100)),
        ("seal.json", list_of_numbers),
        ("seal.json", claim_more),
    ],
)
def test_a_damaged_folder_is_a_store_error_that_says_what_to_delete(data, name, damage):
    folder = data.prepare().folders[0]
    damage(folder / name)
    with pytest.raises(StoreError, match="damaged") as caught:
        data.prepare()
    assert caught.value.where == str(folder)
    assert "delete this folder" in caught.value.fix


def test_a_deleted_folder_is_made_again(data):
    first = data.prepare()
    shutil.rmtree(first.folders[0])
    assert data.prepare().fingerprint == first.fingerprint


def test_a_changed_byte_is_found_on_opening_and_its_image_named(data):
    # the last byte belongs to the last image of the north
    folder = data.prepare().folders[0]
    flip(folder / "pixels.npy")
    with pytest.raises(StoreError, match=r"1 of 4 images have changed, .* monocyte/03\.png"):
        open_folder(folder, VIEW)


def test_a_byte_that_changed_behind_the_file_system_is_found_by_verify_alone(data):
    store = data.prepare()
    path = store.folders[0] / "pixels.npy"
    stat = path.stat()
    flip(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    opened = open_folder(store.folders[0], VIEW)
    with pytest.raises(StoreError, match="1 of 4 images have changed"):
        verify(opened)


def test_verify_of_what_was_written_says_nothing(data):
    for part in data.prepare().parts:
        verify(part)


def test_a_copied_folder_is_hashed_once_and_then_trusted(data, monkeypatch):
    store, catalog = data.prepare(), data.catalog()
    copies = [data.folder / path.name for path in store.folders]
    for path, copy in zip(store.folders, copies, strict=True):
        shutil.copytree(path, copy, copy_function=shutil.copyfile)
        os.utime(copy / "pixels.npy", ns=(1, 1))
    hashed = []
    really = folder_module.changed_rows
    monkeypatch.setattr(
        folder_module, "changed_rows", lambda *given: hashed.append(1) or really(*given)
    )
    for _ in range(2):
        opened = open_prepared(catalog, copies, VIEW)
        assert opened.fingerprint == store.fingerprint
    assert len(hashed) == 2  # each folder at the first opening


def test_pixels_that_are_cut_off_while_they_are_in_use_are_an_error_and_no_crash(data):
    store = data.prepare()
    os.truncate(store.folders[0] / "pixels.npy", 5000)  # the first image, and part of the second
    assert greys(store, 0, 4) == [10, 20]
    with pytest.raises(StoreError, match="missing") as caught:
        greys(store, 2)
    assert caught.value.where == str(store.folders[0])
