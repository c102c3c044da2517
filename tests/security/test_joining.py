"""A Ray cluster is looked at before it is joined: token, versions, a node on this machine."""

import os
import time

import pytest
from fake_head import VERSIONS, fake_head

from wbcray.cluster import joining
from wbcray.cluster.joining import Joinable, announced, check_cluster
from wbcray.core.errors import RefusedError, ResourceError, UsageError

TOKEN = "d" * 64
NODE = "ab" * 28


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    """A token, and a Ray node on this machine, as processes would show it."""
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(joining, "find_node_ids", lambda: {NODE})


def test_a_cluster_that_asks_for_our_token_is_joined_with_it():
    with fake_head(token=TOKEN, nodes=[NODE]) as head:
        found = check_cluster(head.address, insecure=False)
    assert found == Joinable(protected=True, node="10.0.0.7")
    assert head.credentials == [None, f"Bearer {TOKEN}", f"Bearer {TOKEN}"]


def test_a_cluster_without_authentication_is_refused_and_never_sees_the_token():
    with fake_head(nodes=[NODE]) as head, pytest.raises(RefusedError) as caught:
        check_cluster(head.address, insecure=False)
    assert caught.value.what == (
        f"Ray cluster {head.address} has no authentication; anyone on the network can run code"
    )
    assert "SECURITY.md" in caught.value.fix
    assert "--insecure-cluster" in caught.value.fix
    assert set(head.credentials) == {None}


def test_a_cluster_without_authentication_is_joined_when_asked_to():
    with fake_head(nodes=[NODE]) as head:
        assert not check_cluster(head.address, insecure=True).protected
    assert set(head.credentials) == {None}


def test_a_token_that_is_not_the_cluster_s_is_said_without_showing_it():
    with (
        fake_head(token="e" * 64, nodes=[NODE]) as head,
        pytest.raises(ResourceError, match="does not accept our token") as caught,
    ):
        check_cluster(head.address, insecure=False)
    assert TOKEN not in str(caught.value)
    assert "RAY_AUTH_TOKEN_PATH" in caught.value.where


def test_no_token_is_said_before_anything_is_sent(monkeypatch, tmp_path):
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "nothing"))
    with (
        fake_head(token=TOKEN, nodes=[NODE]) as head,
        pytest.raises(ResourceError, match="asks for a token, and there is none"),
    ):
        check_cluster(head.address, insecure=False)
    assert head.credentials == [None]


@pytest.mark.parametrize(
    ("name", "theirs"), [("ray_version", "2.59.1"), ("python_version", "3.9.1")]
)
def test_other_versions_are_named_side_by_side(name, theirs):
    versions = VERSIONS | {name: theirs}
    with (
        fake_head(token=TOKEN, nodes=[NODE], versions=versions) as head,
        pytest.raises(ResourceError) as caught,
    ):
        check_cluster(head.address, insecure=False)
    assert f"{theirs} (here {VERSIONS[name]})" in caught.value.what


def test_a_cluster_without_a_node_here_is_said_instead_of_waited_for():
    with (
        fake_head(token=TOKEN, nodes=["cd" * 28]) as head,
        pytest.raises(ResourceError, match="has no node on this machine"),
    ):
        check_cluster(head.address, insecure=False)


@pytest.mark.parametrize("address", ["127.0.0.1:9", "no.such.host.invalid:6379"])
def test_an_address_that_does_not_answer_is_said_in_time(address):
    began = time.monotonic()
    with pytest.raises(ResourceError, match=f"cannot reach Ray at {address}") as caught:
        check_cluster(address, insecure=False)
    assert time.monotonic() - began < 15
    assert "--address local" in caught.value.fix


def test_something_else_that_answers_is_no_cluster():
    with (
        fake_head(versions=["no", "head"]) as head,
        pytest.raises(ResourceError, match="not as a head node does"),
    ):
        check_cluster(head.address, insecure=True)


@pytest.mark.parametrize("address", ["ray://head:10001", "http://head:8265", "head", "head:port"])
def test_what_is_no_address_of_a_head_node_is_a_usage_error(address):
    with pytest.raises(UsageError, match="is not the address"):
        check_cluster(address, insecure=False)


@pytest.fixture
def note(monkeypatch, tmp_path):
    """Ray's note of the cluster that was started last."""
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    path = tmp_path / "ray" / "ray_current_cluster"
    path.parent.mkdir()
    path.write_text("10.0.0.5:6379\n")
    return path


def test_a_running_cluster_is_found_by_the_note_that_ray_leaves(note):
    assert announced() == "10.0.0.5:6379"


def test_the_environment_goes_before_the_note(note, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.6:6379")
    assert announced() == "10.0.0.6:6379"


def test_a_note_by_another_user_is_not_believed(note, monkeypatch):
    owner = note.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    if owner == 0:  # root's notes are believed, and in a container tests are root
        os.chown(note, 12345, -1)
    assert announced() is None
