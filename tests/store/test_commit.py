import errno
import json
import os
import threading

import pytest

from wbcray.core.digest import canonical_json, sha256_hex
from wbcray.core.errors import ResourceError, StoreError
from wbcray.store.commit import commit, is_valid, read

PAYLOAD = {"lr": 0.1, "counts": [[3, 0], [1, 2]], "name": "µ"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records" / "one.json"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def envelope(payload, **changes):
    return {
        "schema": 1,
        "kind": "cell",
        "sha256": sha256_hex(canonical_json(payload)),
        "payload": payload,
    } | changes


def write(path, value):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value))


def test_what_is_committed_is_read(path):
    assert commit(path, "cell", PAYLOAD) is True
    assert read(path, "cell") == PAYLOAD


def test_a_commit_leaves_the_record_and_nothing_else(path):
    commit(path, "cell", PAYLOAD)
    assert names(path.parent) == ["one.json"]


def test_a_second_commit_says_false_and_changes_nothing(path):
    commit(path, "cell", PAYLOAD)
    before = path.read_bytes()
    assert commit(path, "cell", {"lr": 9}) is False
    assert path.read_bytes() == before
    assert names(path.parent) == ["one.json"]


def test_of_many_threads_exactly_one_commits(path):
    won = []
    start = threading.Barrier(8)

    def race(number):
        start.wait()
        if commit(path, "cell", {"number": number}):
            won.append(number)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(path, "cell") == {"number": won[0]}
    assert len(won) == 1
    assert names(path.parent) == ["one.json"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_payload_that_is_no_json_leaves_nothing(path, value):
    with pytest.raises(ValueError, match="JSON"):
        commit(path, "cell", {"loss": value})
    assert not path.parent.exists()


# The steps: open a new file, flush it (fsync), give it its name (link), flush its folder (fsync).
# The folder is there already, so that fsync is called for those two alone.
@pytest.mark.parametrize(
    ("function", "nth", "left"),
    [
        ("open", 1, []),
        ("write", 1, []),
        ("fsync", 1, []),
        ("close", 1, []),
        ("link", 1, []),
        ("open", 2, ["one.json"]),
        ("fsync", 2, ["one.json"]),
    ],
    ids=[
        "opening the file",
        "writing",
        "flushing the file",
        "closing",
        "linking",
        "opening the folder",
        "flushing the folder",
    ],
)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_leaves_nothing_or_the_whole(path, break_disk, function, nth, left, code):
    path.parent.mkdir()
    break_disk(function, nth, code)
    with pytest.raises(ResourceError):
        commit(path, "cell", PAYLOAD)
    assert names(path.parent) == left
    assert [read(path, "cell") for _ in left] == [PAYLOAD] * len(left)


def test_after_a_failure_the_same_commit_succeeds(path, break_disk):
    break_disk("link")
    with pytest.raises(ResourceError):
        commit(path, "cell", PAYLOAD)
    assert commit(path, "cell", PAYLOAD) is True


def test_a_crash_between_writing_and_naming_leaves_no_record(path, monkeypatch):
    # a killed process runs no cleanup: the unfinished file stays, under a name that no one reads
    monkeypatch.setattr(os, "link", _die)
    monkeypatch.setattr("pathlib.Path.unlink", lambda *_, **__: None)
    with pytest.raises(KeyboardInterrupt):
        commit(path, "cell", PAYLOAD)
    assert list(path.parent.glob("*.json")) == []
    monkeypatch.undo()
    assert commit(path, "cell", PAYLOAD) is True


def _die(*_arguments):
    raise KeyboardInterrupt


def test_a_full_disk_is_called_so(path, break_disk):
    break_disk("fsync")
    with pytest.raises(ResourceError, match="the disk is full") as caught:
        commit(path, "cell", PAYLOAD)
    assert caught.value.where == str(path)
    assert "nothing is lost" in caught.value.fix


def test_another_failure_is_named(path, break_disk):
    break_disk("fsync", code=errno.EIO)
    with pytest.raises(ResourceError, match="Input/output error"):
        commit(path, "cell", PAYLOAD)


def test_a_file_in_place_of_a_folder_is_a_resource_error(tmp_path):
    (tmp_path / "records").write_text("in the way")
    with pytest.raises(ResourceError):
        commit(tmp_path / "records" / "one.json", "cell", PAYLOAD)


def test_new_folders_are_flushed_into_the_folder_above(tmp_path, monkeypatch):
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest: opened.append(path) or real(path, *rest))
    commit(tmp_path / "cells" / "abc" / "one.json", "cell", PAYLOAD)
    assert {tmp_path, tmp_path / "cells", tmp_path / "cells" / "abc"} <= set(opened)


def test_every_flipped_bit_is_detected(path):
    commit(path, "cell", {"a": 1})
    whole = path.read_bytes()
    for place in range(len(whole) * 8):
        bad = bytearray(whole)
        bad[place // 8] ^= 1 << place % 8
        path.write_bytes(bad)
        assert not is_valid(path, "cell"), f"bit {place % 8} of byte {place // 8}"


def test_every_truncation_is_detected(path):
    commit(path, "cell", {"a": 1})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert not is_valid(path, "cell"), length


def test_a_record_that_is_absent_is_a_store_error(path):
    with pytest.raises(StoreError) as caught:
        read(path, "cell")
    assert caught.value.where == str(path)


def test_a_record_of_another_kind_is_refused(path):
    commit(path, "cell", PAYLOAD)
    with pytest.raises(StoreError, match="not an unchanged 'sealed' record"):
        read(path, "sealed")


@pytest.mark.parametrize(
    "value",
    [
        [],
        "text",
        None,
        {},
        envelope([1]),
        envelope({}, sha256=None),
        envelope({}, schema="1"),
        envelope({}, schema=0),
        envelope({}) | {"payload": {"loss": float("nan")}},
        envelope({}) | {"payload": {"name": "\ud800"}},
    ],
    ids="list text null empty no-mapping no-hash text-schema schema-0 nan surrogate".split(),  # noqa: SIM905  # shorter
)
def test_what_is_no_record_is_a_store_error(path, value):
    write(path, value)
    with pytest.raises(StoreError, match="corrupt"):
        read(path, "cell")


@pytest.mark.parametrize("record", [envelope({}, schema=3), {"schema": 3, "body": "other"}])
def test_a_record_of_a_newer_wbcray_is_not_called_corrupt(path, record):
    write(path, record)
    with pytest.raises(StoreError, match="schema 3, this wbcray reads up to 2") as caught:
        read(path, "cell")
    assert caught.value.fix == "upgrade wbcray"


def test_spaces_do_not_make_a_record_another(path):
    commit(path, "cell", PAYLOAD)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    assert read(path, "cell") == PAYLOAD


def test_a_record_of_the_schema_before_is_read(path):
    write(path, envelope(PAYLOAD, schema=1))
    assert read(path, "cell") == PAYLOAD


def test_a_disk_that_takes_data_in_pieces_gets_all_of_it(path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:7]))
    commit(path, "cell", PAYLOAD)
    assert read(path, "cell") == PAYLOAD


def test_a_network_file_system_that_repeats_a_request_finds_its_own_work(path, monkeypatch):
    real = os.link

    def repeated(source, target):
        real(source, target)
        raise FileExistsError(errno.EEXIST, "File exists")

    monkeypatch.setattr(os, "link", repeated)
    assert commit(path, "cell", PAYLOAD) is True
    assert commit(path, "cell", {"lr": 9}) is False
    assert read(path, "cell") == PAYLOAD


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_file_system_without_hard_links_keeps_the_first_record(path, monkeypatch, code):
    def unable(*_paths):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", unable)
    assert commit(path, "cell", PAYLOAD) is True
    assert commit(path, "cell", {"lr": 9}) is False
    assert read(path, "cell") == PAYLOAD
    assert names(path.parent) == [".commit.lock", "one.json"]


def test_a_record_that_the_system_does_not_give_is_neither_absent_nor_corrupt(path, monkeypatch):
    commit(path, "cell", PAYLOAD)

    def refuse(_path):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    for look in (read, is_valid):
        with pytest.raises(ResourceError, match="cannot read a record: Input/output error"):
            look(path, "cell")
