"""Records in a bucket, served on loopback: the same promises as on a disk."""

import threading
from pathlib import Path

import pytest
import torch
from bucket_server import bucket_server, bucket_url
from small_records import Keeper, make_config

from wbcray.core.digest import sha256_hex
from wbcray.core.errors import RefusedError, ResourceError, StoreError, UsageError
from wbcray.store.cells import CellStore
from wbcray.store.commit import commit, is_valid, read, replace
from wbcray.store.openings import Openings
from wbcray.store.place import place_of
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told
from wbcray.training.checkpoint import read_weights, write_weights

EARLIER = Path(__file__).parent / "earlier" / "schema_1"


@pytest.fixture(scope="module")
def server():
    """Host and port of a bucket store on loopback, with one bucket in it."""
    with bucket_server("records") as found:
        yield found


@pytest.fixture
def run(server, request):
    """A run of its own in the bucket."""
    name = request.node.name.replace("[", "-").replace("]", "")
    return place_of(bucket_url(server, f"records/{name}"))


def test_what_is_committed_is_read(run):
    assert commit(run / "run.json", "run", {"a": 1}) is True
    assert read(run / "run.json", "run") == {"a": 1}


def test_a_second_commit_says_false_and_changes_nothing(run):
    commit(run / "run.json", "run", {"a": 1})
    assert commit(run / "run.json", "run", {"a": 2}) is False
    assert read(run / "run.json", "run") == {"a": 1}


def test_a_cache_is_replaced(run):
    replace(run / "data.json", "data", {"a": 1})
    replace(run / "data.json", "data", {"a": 2})
    assert read(run / "data.json", "data") == {"a": 2}


def test_of_many_writers_exactly_one_commits(run):
    won, start = [], threading.Barrier(8)

    def race(number):
        start.wait()
        if commit(run / "run.json", "run", {"number": number}):
            won.append(number)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert read(run / "run.json", "run") == {"number": won[0]}


def test_a_put_whose_answer_was_lost_finds_its_own_object(run, monkeypatch):
    client = run.bucket.client
    real, calls = client.put_object, []

    def twice(**options):
        calls.append(real(**options))
        return real(**options)

    monkeypatch.setattr(client, "put_object", twice)
    assert commit(run / "run.json", "run", {"a": 1}) is True
    assert len(calls) == 1


def test_an_object_that_is_not_there_is_no_record(run):
    assert is_valid(run / "run.json", "run") is False
    with pytest.raises(StoreError, match="corrupt"):
        read(run / "run.json", "run")


def test_names_are_listed_part_by_part(run):
    for name in ("cells/a/x/attempt-001.json", "cells/b/y/attempt-002.json", "cells/b/note.json"):
        commit(run / name, "cell", {})
    assert [path.name for path in run.glob("cells/*/*/attempt-*.json")] == [
        "attempt-001.json",
        "attempt-002.json",
    ]
    assert [path.name for path in (run / "cells").iterdir()] == ["a", "b"]
    assert [str(path.relative_to(run)) for path in run.glob("cells/b/*")] == [
        "cells/b/note.json",
        "cells/b/y",
    ]
    assert list((run / "nothing").glob("*")) == []


def test_cells_are_kept_found_and_fenced_as_on_a_disk(run):
    cells = CellStore(run)
    keeper = Keeper(cells)
    lost = cells.begin(keeper.key())
    lost.beat()
    assert cells.beats(keeper.key()) == 1
    present = cells.begin(keeper.key())
    assert keeper.finish(lost, right=9) is None
    assert keeper.finish(present, right=3).counts[0, 0, 0] == 3
    assert [attempt.state for attempt in cells.attempts(keeper.key())] == ["LOST", "DONE"]
    assert [record.attempt for record in cells] == [2]
    assert Openings(run).open(list(cells), "selected")[keeper.key()][1, 0, 0] == 30
    assert Openings(run).count() == 1


def test_weights_of_a_cell_are_released(run):
    cells = CellStore(run)
    record = Keeper(cells).keep()
    (cells.weights_folder(record) / "weights.safetensors").write_bytes(b"weights")
    cells.release_weights(record.key)
    assert not cells.weights_folder(record).exists()
    assert cells.find(record.key) is not None


def test_a_study_is_asked_told_and_counted(run):
    study = StudyStore(run, "erm", "west")
    study.begin({"method": "erm"})
    study.plan(2)
    study.ask(Asked(number=0, params={"optimizer.lr": 0.01}, config=make_config()))
    told = Told(
        number=0, state="COMPLETE", value=0.5, values=(0.5,), intermediate=(), budget=1, seconds=1.0
    )
    study.tell(told)
    assert study.identity() == {"method": "erm"}
    assert study.remaining() == 1
    assert study.best()[1] == told


def test_a_store_of_an_earlier_version_reads_the_same_from_a_bucket(run):
    for path in sorted(EARLIER.rglob("*.json")):
        (run / path.relative_to(EARLIER).as_posix()).write_bytes(path.read_bytes())
    here, there = list(CellStore(EARLIER)), list(CellStore(run))
    assert [record.key for record in there] == [record.key for record in here]
    assert len(there) == 8


def test_a_bucket_that_does_not_answer_is_an_environment_error(server):
    gone = place_of("s3://records/x?endpoint_override=127.0.0.1:9&scheme=http&region=us-east-1")
    with pytest.raises(ResourceError, match="cannot read a record"):
        read(gone / "run.json", "run")


def test_a_bucket_that_is_not_there_is_an_environment_error(server):
    gone = place_of(f"s3://absent/x?endpoint_override={server}&scheme=http&region=us-east-1")
    with pytest.raises(ResourceError, match="cannot write a record"):
        commit(gone / "run.json", "run", {})


@pytest.mark.parametrize(
    "url", ["s3://records", "gs://records/x", "s3:///x", "s3://records/x?colour=blue"]
)
def test_what_is_no_place_for_a_run_is_refused(url):
    with pytest.raises(UsageError, match="is no place for a run"):
        place_of(url)


def test_credentials_in_a_url_are_refused_and_not_repeated():
    with pytest.raises(RefusedError) as caught:
        place_of("s3://key:SECRETPW@records/x")
    assert "SECRETPW" not in str(caught.value)


def test_a_folder_is_a_place_too(tmp_path):
    assert place_of(str(tmp_path)) == tmp_path


def test_a_checkpoint_in_a_bucket_is_read_and_a_changed_bit_is_seen(run):
    state = {"head.weight": torch.arange(6.0).reshape(2, 3)}
    sha256 = write_weights(run / "weights-001", state, {})
    assert torch.equal(read_weights(run / "weights-001")["head.weight"], state["head.weight"])
    tensors = run / "weights-001" / "weights.safetensors"
    assert sha256_hex(tensors.read_bytes()) == sha256
    tensors.write_bytes(tensors.read_bytes()[:-1] + b"\x01")
    with pytest.raises(StoreError, match="do not match its hash"):
        read_weights(run / "weights-001")
