import shutil

import pytest
from grey_domains import VIEW, GreyDomains, greys

from wbcray.data.pixels import View
from wbcray.data.prepared import pruning
from wbcray.data.prepared.lock import NoLocksError, seize
from wbcray.data.prepared.pruning import prune

OLD = "0123456789abcdef"


@pytest.fixture
def data(tmp_path):
    return GreyDomains(tmp_path).write()


def pruned(data, keys=()):
    """Prune all that the data do not need as they are."""
    return prune(data.cache, [wanted.folder for wanted in data.wanted()], keys)


def put(data, name):
    folder = data.cache / name
    folder.mkdir(parents=True)
    (folder / "something").write_bytes(b"12345")
    return folder


def test_what_an_earlier_version_of_the_images_left_is_removed(data):
    stale = data.prepare().folders[0]
    data.paint("north", 0, 99)
    current = data.prepare().folders
    found = pruned(data)
    assert (found.removed, found.kept) == ((stale,), ())
    assert not stale.exists()
    assert all(folder.exists() for folder in current)


@pytest.mark.parametrize(
    "name", [f"north-32px-native-{OLD}", f".north-32px-native-{OLD}.unfinished",
             f".north-32px-native-{OLD}-x1_y2"]
)  # fmt: skip
def test_older_formats_and_unfinished_folders_are_removed_too(data, name):
    data.prepare()
    folder = put(data, name)
    found = pruned(data)
    assert (found.removed, found.freed_bytes) == ((folder,), 5)


@pytest.mark.parametrize(
    "name",
    [f"north-48px-native-{OLD}", f"north-east-32px-native-{OLD}", f"north-32px-25um-{OLD}",
     f"north-32px-0.5um-{OLD}", f"north-32px-1e+06um-{OLD}"],
)  # fmt: skip
def test_other_views_and_other_domains_are_removed_too(data, name):
    data.prepare()
    folder = put(data, name)
    assert pruned(data).removed == (folder,)


@pytest.mark.parametrize(
    "name", ["mine", "runs", f"north-{OLD}", f"north-32px-native-{OLD}-mine", "north-32px-native-x"]
)
def test_folders_that_are_no_stores_are_left_alone(data, name):
    data.prepare()
    folder = put(data, name)
    assert pruned(data).removed == ()
    assert folder.exists()


def test_stores_of_another_size_go_and_those_that_are_wanted_stay(data):
    data.prepare(View(size=48))
    current = data.prepare().folders
    # two domains of 48 px: 6 images of 48 * 48 * 3 bytes, two indices and two seals
    found = pruned(data)
    assert [path.name.split("-")[1] for path in found.removed] == ["48px", "48px"]
    assert found.freed_bytes > 6 * 48 * 48 * 3
    assert sorted(data.cache.iterdir()) == sorted(current)


def test_files_about_images_that_are_no_more_are_removed_and_others_stay(data):
    data.prepare()
    ours = "fedcba9876543210"
    names = ["mean-red-{}.json", "duplicates-{}-0123abcd.json", "leakage-{}.csv"]
    for name in names:
        (data.cache / name.format(ours)).write_text("123")
        (data.cache / name.format(OLD)).write_text("123")
    (data.cache / "leakage-2024.csv").touch()
    found = pruned(data, keys={ours})
    assert [path.name for path in found.files] == sorted(name.format(OLD) for name in names)
    assert (found.removed, found.kept, found.freed_bytes) == ((), (), 9)
    assert {path.name for path in data.cache.iterdir() if path.is_file()} == {
        "leakage-2024.csv",
        *(name.format(ours) for name in names),
    }


def test_what_cannot_be_removed_is_kept_and_said(data):
    data.prepare()
    elsewhere = data.folder / "elsewhere"
    elsewhere.mkdir()
    link = data.cache / f"north-48px-native-{OLD}"
    link.symlink_to(elsewhere)
    assert pruned(data).kept == (link,)
    assert elsewhere.exists()


def test_a_store_that_is_open_is_kept_and_works_on(data):
    store = data.prepare()
    data.paint("north", 0, 99)
    data.prepare()
    found = pruned(data)
    assert (found.removed, found.kept) == ((), (store.folders[0],))
    assert greys(store, 0) == [10]


def test_a_store_that_is_open_no_more_is_removed(data):
    store = data.prepare()
    stale = store.folders[0]
    data.paint("north", 0, 99)
    data.prepare()
    del store
    assert pruned(data).removed == (stale,)


def test_a_folder_that_is_being_filled_is_kept(data):
    data.prepare()
    folder = put(data, f".north-32px-native-{OLD}.unfinished")
    held = seize(folder, wait=False)
    assert pruned(data).kept == (folder,)
    held.release()
    assert pruned(data).removed == (folder,)


def test_where_nobody_can_tell_what_is_open_everything_is_kept(data, monkeypatch):
    def no_locks(folder, *, wait):
        raise NoLocksError(str(folder))

    data.prepare()
    folder = put(data, f"north-32px-native-{OLD}")
    monkeypatch.setattr(pruning, "seize", no_locks)
    assert pruned(data).kept == (folder,)


def test_a_cache_that_is_not_there_yet_has_nothing_to_prune(data):
    data.prepare()
    shutil.rmtree(data.cache)
    assert pruned(data).removed == ()


def test_the_view_of_the_project_is_what_is_pruned(data):
    assert data.wanted(VIEW)[0].folder.name.startswith("north-32px-native-")
