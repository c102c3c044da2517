import os
import shutil

import numpy as np
import pytest
from grey_domains import VIEW, GreyDomains, greys

from wbcray.core.errors import DataError, ResourceError, StoreError
from wbcray.data import pixels as module
from wbcray.data.pixels import View, open_or_prepare, open_prepared, prepare


@pytest.fixture
def data(tmp_path):
    return GreyDomains(tmp_path).write()


def test_images_lie_in_catalog_order(data):
    # north by path: blast/00, blast/02, monocyte/01, monocyte/03; then south
    assert greys(data.prepare(), *range(6)) == [10, 12, 11, 13, 20, 21]


def test_gather_answers_in_the_order_asked_for_across_domains(data):
    assert greys(data.prepare(), 5, 0, 4, 0, 3) == [21, 10, 20, 10, 13]


def test_gather_gives_whole_images(data):
    found = data.prepare().gather(np.array([4]))
    assert (found.shape, found.dtype) == ((1, 32, 32, 3), np.uint8)
    assert (found == 20).all()


def test_gather_of_nothing_is_an_empty_batch(data):
    assert data.prepare().gather(np.array([], dtype=np.int64)).shape == (0, 32, 32, 3)


def test_a_batch_may_be_written_to_and_the_store_stays_as_it_is(data):
    store = data.prepare()
    store.gather(np.array([0]))[:] = 255
    assert greys(store, 0) == [10]


def test_a_second_prepare_reads_no_image(data):
    first = data.prepare()
    data.spoil_files()
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
    second = data.prepare()
    assert second.folders[0] != first.folders[0]
    assert second.fingerprint == first.fingerprint


def test_an_image_moved_to_another_class_changes_the_fingerprint(data):
    first = data.prepare()
    path = data.path("north", 0)
    path.rename(path.parents[1] / "monocyte" / path.name)
    assert data.prepare().fingerprint != first.fingerprint


@pytest.mark.parametrize(
    "change", [{"label": "monocyte"}, {"label": None}, {"patient": "7"}, {"patient": ""}]
)
def test_labels_and_patients_are_in_the_fingerprint_and_not_in_the_folders(data, change):
    from dataclasses import replace

    first, catalog = data.prepare(), data.catalog()
    samples = (replace(catalog.samples[0], **change), *catalog.samples[1:])
    changed = replace(catalog, samples=samples)
    second = prepare(changed, data.sources(), VIEW, data.cache)
    assert second.folders == first.folders
    assert second.fingerprint != first.fingerprint


def test_another_size_is_another_store(data):
    small, large = data.prepare(), data.prepare(View(size=48))
    assert small.fingerprint != large.fingerprint
    assert set(small.folders).isdisjoint(large.folders)


def test_a_view_is_named_by_its_size_and_field():
    assert View(size=64).name == "64px-native"
    assert View(size=64, field_of_view_um=12.5).name == "64px-12.5um"


def test_a_field_of_view_needs_the_scale_of_every_domain(data):
    with pytest.raises(DataError, match="domain 'north' does not say how large a pixel is"):
        data.prepare(View(size=32, field_of_view_um=5.0))
    assert not data.cache.exists()


def test_the_scale_is_part_of_what_is_kept(data):
    view = View(size=32, field_of_view_um=2.0)
    assert data.prepare(view, 0.1).folders != data.prepare(view, 0.2).folders


def test_progress_counts_the_images_of_each_domain(data):
    calls = []
    data.prepare(on_progress=lambda *call: calls.append(call))
    assert calls == [("north", n, 4) for n in (1, 2, 3, 4)] + [("south", n, 2) for n in (1, 2)]


def test_nothing_unfinished_is_left_after_success(data):
    data.prepare()
    assert data.leftovers() == []


# --- opening -------------------------------------------------------------------------------------


def test_prepared_folders_open_without_the_images(data):
    first, catalog = data.prepare(), data.catalog()
    shutil.rmtree(data.images)
    assert open_prepared(catalog, first.folders, VIEW).fingerprint == first.fingerprint


def test_a_catalog_of_fewer_images_opens_the_same_folders(data):
    store = open_prepared(data.catalog(left_out=(0, 3)), data.prepare().folders, VIEW)
    assert greys(store, 0, 1, 2, 3) == [12, 11, 20, 21]


def test_fewer_images_have_one_fingerprint_wherever_their_pixels_lie(data):
    fewer = data.catalog(left_out=(0, 3))
    opened = open_prepared(fewer, data.prepare().folders, VIEW)
    alone = prepare(fewer, data.sources(), VIEW, data.folder / "other cache")
    assert opened.fingerprint == alone.fingerprint
    assert opened.fingerprint != data.prepare().fingerprint


def test_folders_that_lack_an_image_are_refused_with_its_name(data):
    folders = data.prepare().folders
    data.paint("north", 5, 15)
    with pytest.raises(StoreError, match="lack 1 of 5 images") as caught:
        open_prepared(data.catalog(), folders, VIEW)
    assert caught.value.where.endswith("the first is monocyte/05.png")
    # That line is recorded when a worker meets it.
    assert "monocyte" not in caught.value.what


def test_folders_of_another_view_are_refused(data):
    folders = data.prepare().folders
    with pytest.raises(StoreError, match="of view 32px-native"):
        open_prepared(data.catalog(), folders, View(size=48))


def test_a_machine_that_lacks_a_folder_decodes_for_itself(data):
    store, catalog = data.prepare(), data.catalog()
    shutil.rmtree(store.folders[1])
    found = open_or_prepare(catalog, store.folders, data.sources(), VIEW, data.cache)
    assert (found.fingerprint, found.folders) == (store.fingerprint, store.folders)


def test_a_machine_that_has_the_folders_needs_no_images(data):
    store, catalog = data.prepare(), data.catalog()
    shutil.rmtree(data.images)
    found = open_or_prepare(catalog, store.folders, data.sources(), VIEW, data.cache)
    assert found.fingerprint == store.fingerprint


def test_facts_are_of_the_files_in_catalog_order(data):
    store = data.prepare()
    facts = open_prepared(data.catalog(left_out=(0,)), store.folders, VIEW).facts()
    assert facts["path"].tolist()[0] == "blast/02.png"
    assert facts["mean_r"].tolist() == [12.0, 11.0, 13.0, 20.0, 21.0]
    assert set(facts["width"]) == set(facts["height"]) == {32}
    assert facts["file_size"].tolist()[-1] == data.path("south", 1).stat().st_size
    assert facts["mtime_ns"].tolist()[-1] == data.path("south", 1).stat().st_mtime_ns


def test_no_label_stands_in_the_index_beside_the_path(data):
    columns = data.prepare().facts().columns.tolist()
    assert columns == [
        "path", "file_size", "mtime_ns", "pixel_sha256", "width", "height",
        "mean_r", "mean_g", "mean_b",
    ]  # fmt: skip


# --- what cannot be prepared ---------------------------------------------------------------------


def test_one_image_that_cannot_be_used_is_its_own_error(data):
    data.path("north", 3).write_bytes(b"")
    with pytest.raises(DataError, match="the file is empty") as caught:
        data.prepare()
    assert caught.value.where == str(data.path("north", 3))


def test_images_that_cannot_be_used_are_told_together_for_all_domains(data):
    for number in range(4):
        data.path("north", number).write_bytes(b"")
    for number in range(2):
        data.path("south", number).write_bytes(b"no image")
    with pytest.raises(DataError) as caught:
        data.prepare()
    lines = caught.value.what.splitlines()
    assert lines[0] == "6 images cannot be used:"
    assert len(lines) == 7  # five of them, and how many more
    assert lines[1] == f"  {data.path('north', 0)}: cannot read image: the file is empty"
    assert "starts with 'no image'" in lines[5]
    assert lines[6] == "  and 1 more"
    assert "`ignore:`" in caught.value.fix
    assert list(data.cache.iterdir()) == []


def test_a_domain_without_bad_images_is_kept_for_the_next_attempt(data):
    data.path("north", 0).write_bytes(b"")
    with pytest.raises(DataError):
        data.prepare()
    assert [path.name[:5] for path in data.cache.iterdir()] == ["south"]


def test_an_image_that_vanished_after_it_was_listed_is_bad_data(data):
    catalog = data.catalog()
    data.path("north", 0).unlink()
    with pytest.raises(DataError, match="No such file") as caught:
        prepare(catalog, data.sources(), VIEW, data.cache)
    assert caught.value.where == str(data.path("north", 0))


def test_too_little_room_is_said_before_anything_is_decoded(data, monkeypatch):
    # 6 images of 1000 * 1000 * 3 bytes are 0.018 GB
    monkeypatch.setattr(
        module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 10**7)
    )
    with pytest.raises(ResourceError, match=r"need about 0.018 GB, and 0.01 GB are free") as caught:
        data.prepare(View(size=1000))
    assert caught.value.where == str(data.cache)
    assert not data.cache.exists()


def test_a_full_disk_does_not_keep_what_is_prepared_from_being_opened(data, monkeypatch):
    data.prepare()
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 0))
    assert greys(data.prepare(), 0) == [10]


def test_a_disk_that_fills_up_is_a_resource_error_and_leaves_nothing(data, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResourceError, match="No space left on device"):
        data.prepare()
    assert list(data.cache.iterdir()) == []


def test_a_cache_that_cannot_be_a_folder_is_a_resource_error(data):
    data.cache.write_text("in the way")
    with pytest.raises(ResourceError) as caught:
        data.prepare()
    assert caught.value.where == str(data.cache)
