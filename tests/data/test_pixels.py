import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wbcray.core.errors import DataError, ResourceError, StoreError
from wbcray.data import pixels as module
from wbcray.data.catalog import read_catalog
from wbcray.data.pixels import DomainSource, View, open_prepared, prepare

VIEW = View(size=32)
CLASSES = ("blast", "monocyte")
GREY = {"north": (10, 11, 12, 13), "south": (20, 21)}
"""Every image of a domain is of one grey, so that a pixel says which image it is of."""


class Data:
    """Two domains of grey images in a folder, and their cache."""

    def __init__(self, folder):
        self.images, self.cache = folder / "images", folder / "cache"
        for domain, greys in GREY.items():
            for number, grey in enumerate(greys):
                self.paint(domain, number, grey)

    def path(self, domain, number):
        return self.images / domain / CLASSES[number % 2] / f"{number}.png"

    def paint(self, domain, number, grey):
        path = self.path(domain, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((32, 32, 3), grey, dtype=np.uint8)).save(path)

    def catalog(self):
        return read_catalog({domain: self.images / domain for domain in GREY}, CLASSES)

    def sources(self, um_per_px=0.0):
        return {d: DomainSource(root=self.images / d, um_per_px=um_per_px) for d in GREY}

    def prepare(self, view=VIEW, um_per_px=0.0, **options):
        return prepare(self.catalog(), self.sources(um_per_px), view, self.cache, **options)

    def leftovers(self):
        return [path for path in self.cache.iterdir() if path.name.startswith(".")]


@pytest.fixture
def data(tmp_path):
    return Data(tmp_path)


def greys(store, *positions):
    return store.gather(np.array(positions, dtype=np.int64))[:, 0, 0, 0].tolist()


def test_images_lie_in_catalog_order(data):
    # north by path: blast/0, blast/2, monocyte/1, monocyte/3; then south
    assert greys(data.prepare(), *range(6)) == [10, 12, 11, 13, 20, 21]


def test_gather_answers_in_the_order_asked_for_across_domains(data):
    assert greys(data.prepare(), 5, 0, 4, 0, 3) == [21, 10, 20, 10, 13]


def test_gather_gives_whole_images(data):
    found = data.prepare().gather(np.array([4]))
    assert (found.shape, found.dtype) == ((1, 32, 32, 3), np.uint8)
    assert (found == 20).all()


def test_pixels_are_mapped_and_not_loaded(data):
    assert all(isinstance(part, np.memmap) for part in data.prepare().maps)


def test_a_second_prepare_reads_no_image(data):
    first = data.prepare()
    for path in data.images.rglob("*.png"):
        stat = path.stat()
        path.write_bytes(b"x" * stat.st_size)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert data.prepare().fingerprint == first.fingerprint


def test_a_written_image_changes_the_fingerprint(data):
    first = data.prepare()
    data.paint("north", 0, 99)
    second = data.prepare()
    assert second.fingerprint != first.fingerprint
    assert greys(second, 0) == [99]


def test_a_written_image_leaves_the_other_domain_as_it_is(data):
    first = data.prepare()
    data.paint("north", 0, 99)
    assert data.prepare().folders[1] == first.folders[1]


def test_an_image_that_was_only_touched_keeps_the_fingerprint(data):
    first = data.prepare()
    os.utime(data.path("north", 0), ns=(1, 1))
    assert data.prepare().fingerprint == first.fingerprint


def test_an_image_moved_to_another_class_changes_the_fingerprint(data):
    first = data.prepare()
    path = data.path("north", 0)
    path.rename(path.parents[1] / "monocyte" / path.name)
    assert data.prepare().fingerprint != first.fingerprint


def test_another_size_is_another_store(data):
    small, large = data.prepare(), data.prepare(View(size=48))
    assert small.fingerprint != large.fingerprint
    assert set(small.folders).isdisjoint(large.folders)


def test_a_view_is_named_by_its_size_and_field():
    assert View(size=64).name == "64px-native"
    assert View(size=64, field_of_view_um=12.5).name == "64px-12.5um"


def test_prepared_folders_open_without_the_images(data):
    first, catalog = data.prepare(), data.catalog()
    for path in data.images.rglob("*.png"):
        path.unlink()
    assert open_prepared(catalog, first.folders, VIEW).fingerprint == first.fingerprint


def test_progress_counts_the_images_of_each_domain(data):
    calls = []
    data.prepare(on_progress=lambda *call: calls.append(call))
    assert calls == [("north", n, 4) for n in (1, 2, 3, 4)] + [("south", n, 2) for n in (1, 2)]


def test_nothing_unfinished_is_left_after_success(data):
    data.prepare()
    assert data.leftovers() == []


def test_an_unreadable_image_is_refused_and_leaves_nothing_of_its_domain(data):
    data.path("north", 3).write_bytes(b"")
    with pytest.raises(DataError, match="the file is empty"):
        data.prepare()
    assert list(data.cache.iterdir()) == []


def test_a_field_of_view_needs_the_scale_of_every_domain(data):
    with pytest.raises(DataError, match="domain 'north' does not say how large a pixel is"):
        data.prepare(View(size=32, field_of_view_um=5.0))
    assert not data.cache.exists()


def test_the_scale_is_part_of_what_is_kept(data):
    view = View(size=32, field_of_view_um=2.0)
    assert data.prepare(view, 0.1).folders != data.prepare(view, 0.2).folders


def empty(path):
    path.write_bytes(b"")


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def no_list(path):
    path.write_text("[1, 2]")


def too_short(path):
    path.write_text(json.dumps({"paths": [], "pixel_sha256": []}))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("pixels.npy", empty),
        ("pixels.npy", cut),
        ("pixels.npy", Path.unlink),
        ("index.json", empty),
        ("index.json", cut),
        ("index.json", no_list),
        ("index.json", too_short),
        ("index.json", Path.unlink),
    ],
)
def test_a_damaged_folder_is_a_store_error_that_says_what_to_delete(data, name, damage):
    folder = data.prepare().folders[0]
    damage(folder / name)
    with pytest.raises(StoreError, match="damaged") as caught:
        data.prepare()
    assert caught.value.where == str(folder)
    assert "delete this folder" in caught.value.fix


def test_a_folder_of_other_images_is_refused(data):
    store = data.prepare()
    with pytest.raises(StoreError, match="expected 4 images"):
        open_prepared(data.catalog(), store.folders[::-1], VIEW)


def test_a_full_disk_is_a_resource_error_and_leaves_nothing(data, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(ResourceError, match="No space left on device"):
        data.prepare()
    assert list(data.cache.iterdir()) == []


def test_a_cache_that_cannot_be_a_folder_is_a_resource_error(data):
    data.cache.write_text("in the way")
    with pytest.raises(ResourceError) as caught:
        data.prepare()
    assert caught.value.where == str(data.cache)


PREPARE = """
import sys
from pathlib import Path
from wbcray.data.catalog import read_catalog
from wbcray.data.pixels import DomainSource, View, prepare
images, cache = Path(sys.argv[1]), Path(sys.argv[2])
roots = {name: images / name for name in ("north", "south")}
catalog = read_catalog(roots, ("blast", "monocyte"))
sources = {name: DomainSource(root=root) for name, root in roots.items()}
print("ready", flush=True)
sys.stdin.readline()
print(prepare(catalog, sources, View(size=32), cache).fingerprint)
"""


def test_two_processes_at_once_make_one_store(data):
    command = [sys.executable, "-c", PREPARE, str(data.images), str(data.cache)]
    pipe = subprocess.PIPE
    workers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = {worker.communicate(timeout=60)[0] for worker in workers}
    assert said == {data.prepare().fingerprint + "\n"}
    assert data.leftovers() == []
    assert len(list(data.cache.iterdir())) == 2


def test_who_finishes_second_takes_what_the_first_made(data, monkeypatch):
    first = data.prepare()
    # the folder appears between looking for it and renaming: as if another process were faster
    seen = iter([False, True])
    exists = Path.exists

    def late(path):
        return next(seen) if path == first.folders[0] else exists(path)

    monkeypatch.setattr(Path, "exists", late)
    second = module._prepare_domain(
        "north", module._of_domain(data.catalog(), "north"), data.sources()["north"],
        VIEW, data.cache, None,
    )  # fmt: skip
    assert second == first.folders[0]
    assert data.leftovers() == []
