"""What a machine keeps of a run in a bucket."""

import json
import time
from dataclasses import replace

import pytest
from bucket_server import bucket_server, bucket_url
from generated_cells import write_project
from small_records import Keeper

from wbcray.cli.runs import find_place
from wbcray.core.errors import ResourceError, StoreError
from wbcray.store import bucket as buckets
from wbcray.store import bucket_connection
from wbcray.store import driver as drivers
from wbcray.store.cells import CellStore
from wbcray.store.commit import commit, read
from wbcray.store.commit import replace as put
from wbcray.store.driver import driving
from wbcray.store.driver_files import DriverFiles, myself
from wbcray.store.local_copy import folder_of, kept_fresh, pulled
from wbcray.store.place import place_of, reached, url_of


@pytest.fixture(scope="module")
def server():
    with bucket_server("copied") as found:
        yield found


@pytest.fixture(autouse=True)
def copies(tmp_path, monkeypatch):
    """The folder of all copies."""
    monkeypatch.setenv("WBCRAY_COPIES", str(tmp_path / "copies"))
    return tmp_path / "copies"


@pytest.fixture
def run(server, request):
    return place_of(bucket_url(server, f"copied/{request.node.originalname}/main"))


@pytest.fixture
def fetched(run, monkeypatch):
    """The names of objects that were read, in order."""
    names, real = [], buckets.BucketPath.read_bytes

    def noting(path):
        names.append(str(path.relative_to(run)))
        return real(path)

    monkeypatch.setattr(buckets.BucketPath, "read_bytes", noting)
    return names


def files(folder):
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (".fetching", "fetched.json")
    )


def test_a_run_in_a_folder_is_its_own_copy(tmp_path, copies):
    assert folder_of(tmp_path) == tmp_path
    assert pulled(tmp_path) == tmp_path
    assert not copies.exists()


def test_a_copy_has_the_name_of_its_run_and_a_folder_of_its_own(run, server, copies):
    namesake = place_of(bucket_url(server, "copied/elsewhere/main"))
    assert folder_of(run).name == "main"
    assert folder_of(run).parent.parent == copies
    assert folder_of(run) != folder_of(namesake)


def test_a_copy_holds_the_same_bytes(run):
    record = Keeper(CellStore(run)).keep()
    folder = pulled(run)
    name = f"cells/{record.key.folder}/attempt-001.json"
    assert (folder / name).read_bytes() == (run / name).read_bytes()
    assert CellStore(folder).find(record.key).counts.tolist() == record.counts.tolist()


def test_what_was_fetched_once_is_not_fetched_again(run, fetched):
    commit(run / "run.json", "run", {"a": 1})
    pulled(run)
    assert fetched == ["run.json"]
    commit(run / "splits.json", "splits", {"b": 2})
    pulled(run)
    pulled(run)
    assert fetched == ["run.json", "splits.json"]


def test_a_replaced_object_is_fetched_again(run, fetched):
    put(run / "data.json", "data", {"a": 1})
    pulled(run)
    put(run / "data.json", "data", {"a": 2})
    assert read(pulled(run) / "data.json", "data") == {"a": 2}


def test_what_is_deleted_in_the_bucket_goes_and_what_is_this_machines_stays(run):
    commit(run / "run.json", "run", {"a": 1})
    commit(run / "plan.json", "plan", {"a": 1})
    (pulled(run) / "tables").mkdir()
    (pulled(run) / "tables" / "cells.parquet").write_bytes(b"made here")
    (run / "plan.json").unlink()
    assert files(pulled(run)) == ["run.json", "tables/cells.parquet"]


def test_a_file_that_was_lost_here_is_fetched_again(run):
    commit(run / "run.json", "run", {"a": 1})
    (pulled(run) / "run.json").unlink()
    assert read(pulled(run) / "run.json", "run") == {"a": 1}


def test_a_damaged_list_of_what_was_fetched_costs_only_time(run, fetched):
    commit(run / "run.json", "run", {"a": 1})
    (pulled(run) / "fetched.json").write_text("[1, ")
    pulled(run)
    assert fetched == ["run.json", "run.json"]


def test_checkpoints_are_fetched_where_they_are_asked_for(run):
    for name in ("weights.safetensors", "outputs.safetensors", "weights.json"):
        (run / "cells/a/x/weights-001" / name).write_bytes(b"1")
    small = ["cells/a/x/weights-001/outputs.safetensors", "cells/a/x/weights-001/weights.json"]
    assert files(pulled(run)) == small
    whole = sorted([*small, "cells/a/x/weights-001/weights.safetensors"])
    assert files(pulled(run, networks=True)) == whole
    # what was fetched once is not thrown away by who does not ask for it
    assert files(pulled(run)) == whole


def test_a_released_checkpoint_goes_from_the_copy(run):
    record = Keeper(CellStore(run)).keep()
    (CellStore(run).weights_folder(record) / "weights.safetensors").write_bytes(b"weights")
    assert [name for name in files(pulled(run, networks=True)) if "weights-" in name] != []
    CellStore(run).release_weights(record.key)
    assert [name for name in files(pulled(run, networks=True)) if "weights-" in name] == []


def test_beats_and_rays_files_are_not_copied(run):
    for name in ("ray/x.json", "drivers/beat-001", "cells/a/x/beat-001", ".probe-1", "run.json"):
        (run / name).write_bytes(b"{}")
    assert files(pulled(run)) == ["run.json"]


def test_a_record_comes_after_what_it_speaks_of(run, fetched):
    Keeper(CellStore(run)).keep()
    (run / "cells/a/x/weights-001/outputs.safetensors").write_bytes(b"1")
    fetched.clear()
    pulled(run)
    kinds = [name.split("/")[0] if ".safetensors" not in name else "tensors" for name in fetched]
    assert kinds == ["tensors", "sealed", "cells", "cells"]


@pytest.mark.parametrize("name", ["../up.json", "cells/../../up.json", "a//b.json", "a\\..\\b"])
def test_a_name_that_would_leave_the_folder_is_refused(run, copies, name):
    client = run.bucket.client
    client.put_object(Bucket=run.bucket.name, Key=f"{run.key}/{name}", Body=b"{}")
    with pytest.raises(StoreError, match="no record's"):
        pulled(run)
    assert files(copies) == []
    client.delete_object(Bucket=run.bucket.name, Key=f"{run.key}/{name}")


def test_a_copy_is_kept_fresh_while_it_is_looked_at(run):
    commit(run / "run.json", "run", {"a": 1})
    with kept_fresh(run, seconds=0.05) as folder:
        assert files(folder) == ["run.json"]
        commit(run / "later.json", "run", {"a": 1})
        until = time.monotonic() + 20
        while not (folder / "later.json").exists() and time.monotonic() < until:
            time.sleep(0.02)
    assert files(folder) == ["later.json", "run.json"]


def test_a_url_names_the_place_again_on_any_machine(run):
    assert place_of(url_of(run)) == run
    assert place_of(url_of(run)).bucket == run.bucket
    assert url_of(place_of("/scratch/runs/main")) == "/scratch/runs/main"


def test_a_bucket_that_takes_connections_and_says_nothing_is_an_environment_error(monkeypatch):
    import socket

    monkeypatch.setattr(bucket_connection, "_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = "{}:{}".format(*silent.getsockname())
        with pytest.raises(ResourceError, match="does not answer"):
            reached(place_of(bucket_url(server, "copied/main")))


def test_a_bucket_that_may_not_be_written_is_an_environment_error(run, monkeypatch):
    from botocore.exceptions import ClientError

    def refuse(**_options):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    monkeypatch.setattr(run.bucket.client, "put_object", refuse)
    with pytest.raises(ResourceError, match=r"cannot write a record: .*AccessDenied") as caught:
        commit(run / "run.json", "run", {"a": 1})
    assert caught.value.exit_code == 5


def test_a_run_named_by_its_url_is_found_though_the_projects_own_bucket_is_gone(run, tmp_path):
    project = write_project(tmp_path, tmp_path)
    gone = bucket_url("127.0.0.1:9", "gone/runs")
    project.write_text(f'{project.read_text()}runs: "{gone}"\n')
    commit(run / "run.json", "run", {"a": 1})
    assert find_place(url_of(run), project) == run
    with pytest.raises(ResourceError, match="does not answer"):
        find_place("main", project)


@pytest.fixture
def quick(monkeypatch):
    """Beats and watching a hundred times as fast."""
    monkeypatch.setattr(drivers, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(drivers, "WATCH_SECONDS", 0.6)


def elsewhere(run):
    """A driver on another machine, by what it writes; gives its number."""
    who = replace(myself(), pid=4242, node="0" * 8, host="node7", boot="another")
    return DriverFiles(run).register(who)


def test_a_run_in_a_bucket_that_another_machine_drives_is_refused(run, quick, monkeypatch):
    with driving(run), monkeypatch.context() as patch:
        # this process as seen from a machine with another kernel and other locks
        patch.setenv("WBCRAY_COPIES", str(folder_of(run) / "other"))
        patch.setattr(drivers, "boot", lambda: "another")
        with pytest.raises(StoreError, match="'main' is in use by process"), driving(run):
            pass


def test_a_driver_of_another_machine_that_stands_still_is_given_up_and_fenced(run, quick):
    lost = elsewhere(run)
    with driving(run) as driver:
        assert "process 4242 on node7" in driver.remarks[0]
        assert DriverFiles(run).has_ended(lost)
        driver.check()
    assert DriverFiles(run).not_ended() == {}
    assert list((run / "drivers").glob("beat-*")) == []


def test_what_fetched_records_say_is_json(run):
    commit(run / "run.json", "run", {"a": 1})
    assert list(json.loads((pulled(run) / "fetched.json").read_text())) == ["run.json"]
