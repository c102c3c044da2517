"""`wbcray submit`: a command is checked here before a cluster is asked for anything."""

import json

import pytest

from wbcray.cluster.submission import Submission

USAGE, ENVIRONMENT = 2, 5


@pytest.fixture
def server(monkeypatch):
    """A job server that takes everything, and what it was given."""
    given = {}

    class Server:
        def __init__(self, address, *, insecure):
            given.update(address=address, insecure=insecure)

        def submit(self, command, *, folder):
            given.update(command=command, folder=folder)
            return Submission(job="wbcray-1", server=given["address"], entrypoint="cd ...")

        def follow(self, job, say):
            say(f"{job} says: trial 3 of 8\n")
            return 6

    monkeypatch.setattr("wbcray.cluster.submission.JobServer", Server)
    monkeypatch.delenv("RAY_API_SERVER_ADDRESS", raising=False)
    return given


def test_a_misspelt_option_of_the_command_is_found_before_the_cluster_is_asked(place, server):
    said = place.call("submit", "--", "tune", "--metod", "boda")
    assert said.code == USAGE
    assert "No such option: --metod" in said.err
    assert "where: wbcray tune" in said.err
    assert server == {}


def test_a_misspelt_command_names_the_nearest(place, server):
    said = place.call("submit", "--", "tun")
    assert said.code == USAGE
    assert "did you mean 'tune'?" in said.err


def test_what_does_not_train_is_not_submitted(place, server):
    said = place.call("submit", "explore")
    assert said.code == USAGE
    assert "unknown command for a cluster 'explore'" in said.err
    assert "compare, train, tune" in said.err


def test_the_command_goes_to_the_head_of_its_own_cluster(place, server):
    said = place.call("submit", "--folder", "/lab", "--json", "--", "tune", "--method", "boda")
    assert said.code == 0
    assert json.loads(said.out)["job"] == "wbcray-1"
    assert server == {
        "address": "http://127.0.0.1:8265",
        "insecure": False,
        "command": ("tune", "--method", "boda", "--address", "auto"),
        "folder": "/lab",
    }


def test_the_server_may_be_named_in_the_environment(place, server, monkeypatch):
    monkeypatch.setenv("RAY_API_SERVER_ADDRESS", "https://head.lab")
    assert place.call("submit", "--", "compare").code == 0
    assert server["address"] == "https://head.lab"


def test_who_follows_sees_the_output_and_leaves_with_its_exit_code(place, server):
    said = place.call("submit", "--follow", "--", "compare")
    assert said.code == 6
    assert "trial 3 of 8" in said.out


def test_nobody_at_the_address_is_an_environment_error(place):
    said = place.call("submit", "--address", "http://127.0.0.1:1", "--", "compare")
    assert said.code == ENVIRONMENT
    assert "no job server of Ray answers at http://127.0.0.1:1" in said.err
