"""What nodes of a cluster are asked before anybody trusts them with a night's work."""

import socket

import pytest
from bucket_server import bucket_server, bucket_url

from wbcray.cluster.node_checks import (
    NodeReport,
    ahead,
    different,
    folder_trouble,
    look_around,
    own_versions,
)
from wbcray.store.place import place_of


@pytest.fixture
def probe(tmp_path):
    """A file with its mark in its name, as the driver leaves it in the folder of runs."""
    path = tmp_path / ".probe-0a1b"
    path.write_text("0a1b")
    return path


def test_a_clock_read_between_question_and_answer_agrees():
    assert ahead(105.0, began=100.0, ended=110.0) == 0.0


def test_a_clock_is_behind_by_what_it_lacks_to_the_question():
    assert ahead(40.0, began=100.0, ended=110.0) == -60.0


def test_a_clock_is_ahead_by_what_it_has_over_the_answer():
    assert ahead(170.0, began=100.0, ended=110.0) == 60.0


def test_a_shared_folder_is_written_by_the_node(probe):
    assert folder_trouble(probe) == ""
    written = [path.name for path in probe.parent.glob(".probe-0a1b-*")]
    assert len(written) == 1
    assert socket.gethostname() in written[0]


def test_a_folder_that_the_node_does_not_have_is_said(tmp_path):
    assert "not there" in folder_trouble(tmp_path / "elsewhere" / ".probe-0a1b")


def test_a_folder_of_the_same_name_on_another_disk_is_said(probe):
    probe.write_text("of another cluster")
    assert "not the same folder" in folder_trouble(probe)


def test_a_folder_that_cannot_be_written_is_said(probe):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    assert folder_trouble(probe, write=refuse) == "cannot be written: Permission denied"


@pytest.fixture
def bucket():
    """A folder of runs in a bucket."""
    with bucket_server("lab") as server:
        yield place_of(bucket_url(server, "lab/runs"))


def test_a_bucket_is_read_and_written_by_the_node(bucket):
    probe = bucket / ".probe-0a1b"
    probe.write_text("0a1b")
    assert folder_trouble(probe) == ""
    assert len(list(bucket.glob(".probe-0a1b-*"))) == 1
    assert "not there" in folder_trouble(bucket / ".probe-ffff")


def test_a_bucket_that_may_not_be_written_is_said(bucket):
    probe = bucket / ".probe-0a1b"
    probe.write_text("0a1b")

    def refuse(_place):
        raise OSError("AWS Error ACCESS_DENIED during PutObject operation")

    said = folder_trouble(probe, write=refuse)
    assert said == "cannot be written: AWS Error ACCESS_DENIED during PutObject operation"


def test_other_versions_are_named_beside_ours():
    versions = dict(own_versions())
    theirs = tuple((versions | {"ray": "2.0.0"}).items())
    reports = (
        NodeReport(address="10.0.0.6", versions=own_versions()),
        NodeReport(address="10.0.0.7", versions=theirs),
    )
    assert different(reports) == {
        "10.0.0.6": "",
        "10.0.0.7": f"ray 2.0.0 (here {versions['ray']})",
    }


def test_a_node_looks_at_the_disk_of_its_cache_even_before_that_is_made(probe, tmp_path):
    seen = look_around(str(probe), str(tmp_path / "not" / "made"))
    assert seen.free_gb > 0
    assert seen.versions == own_versions()
