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


def put(data, name):
    folder = data.cache / name
    folder.mkdir(parents=True)
    (folder / "something").write_bytes(b"12345")
    return folder


def test_what_an_earlier_version_of_the_images_left_is_removed(data):
    stale = data.prepare().folders[0]
    data.paint("north", 0, 99)
    current = data.prepare().folders
    found = prune(data.wanted())
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
    found = prune(data.wanted())
    assert (found.removed, found.freed_bytes) == ((folder,), 5)


@pytest.mark.parametrize(
    "name",
    [f"north-48px-native-{OLD}", f"north-east-32px-native-{OLD}", f"north-32px-25um-{OLD}", "mine"],
)
def test_other_views_other_domains_and_strange_folders_are_left_alone(data, name):
    data.prepare()
    folder = put(data, name)
    assert prune(data.wanted()).removed == ()
    assert folder.exists()


def test_a_view_that_is_not_wanted_is_not_looked_at(data):
    other = data.prepare(View(size=48)).folders
    data.prepare()
    assert prune(data.wanted()).removed == ()
    assert all(folder.exists() for folder in other)


def test_a_store_that_is_open_is_kept_and_works_on(data):
    store = data.prepare()
    data.paint("north", 0, 99)
    data.prepare()
    found = prune(data.wanted())
    assert (found.removed, found.kept) == ((), (store.folders[0],))
    assert greys(store, 0) == [10]


def test_a_store_that_is_open_no_more_is_removed(data):
    store = data.prepare()
    stale = store.folders[0]
    data.paint("north", 0, 99)
    data.prepare()
    del store
    assert prune(data.wanted()).removed == (stale,)


def test_a_folder_that_is_being_filled_is_kept(data):
    data.prepare()
    folder = put(data, f".north-32px-native-{OLD}.unfinished")
    held = seize(folder, wait=False)
    assert prune(data.wanted()).kept == (folder,)
    held.release()
    assert prune(data.wanted()).removed == (folder,)


def test_where_nobody_can_tell_what_is_open_everything_is_kept(data, monkeypatch):
    def no_locks(folder, *, wait):
        raise NoLocksError(str(folder))

    data.prepare()
    folder = put(data, f"north-32px-native-{OLD}")
    monkeypatch.setattr(pruning, "seize", no_locks)
    assert prune(data.wanted()).kept == (folder,)


def test_a_cache_that_is_not_there_yet_has_nothing_to_prune(data):
    wanted = data.wanted()
    data.prepare()
    shutil.rmtree(data.cache)
    assert prune(wanted).removed == ()


def test_the_view_of_the_project_is_what_is_pruned(data):
    assert data.wanted(VIEW)[0].folder.name.startswith("north-32px-native-")
