"""A job server is looked at before it gets a command: token, version, address."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import ray

from wbcray.cluster.submission import JobServer, on_the_cluster
from wbcray.core.errors import RefusedError, ResourceError, UsageError

TOKEN = "a" * 32


class Door(BaseHTTPRequestHandler):
    """The version page of a job server: behind a token, or open."""

    def do_GET(self):
        server = self.server
        asked = server.token and self.headers.get("Authorization") != f"Bearer {server.token}"
        server.heard.append(self.headers.get("Authorization"))
        status, body = (401, b"no") if asked else (200, server.body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def door(monkeypatch):
    """A server on loopback that a test tells what to be."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.token, server.heard = TOKEN, []
    server.body = json.dumps({"ray_version": ray.__version__}).encode()
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr("wbcray.cluster.submission.own_token", lambda: TOKEN)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_takes_our_token_is_used(door):
    assert JobServer(door.address + "/", insecure=False).address == door.address


def test_the_token_is_not_shown_to_a_server_that_asks_for_none(door):
    door.token = ""
    with pytest.raises(RefusedError, match="has no authentication"):
        JobServer(door.address, insecure=False)
    assert door.heard == [None]


def test_an_open_server_may_be_used_when_asked_for_by_name(door):
    door.token = ""
    JobServer(door.address, insecure=True)
    assert set(door.heard) == {None}


def test_a_wrong_token_is_an_environment_error(door):
    door.token = "b" * 32
    with pytest.raises(ResourceError, match="refuses our token") as caught:
        JobServer(door.address, insecure=False)
    assert caught.value.exit_code == 5


def test_no_token_is_an_environment_error(door, monkeypatch):
    monkeypatch.setattr("wbcray.cluster.submission.own_token", lambda: None)
    with pytest.raises(ResourceError, match="asks for a token, and there is none"):
        JobServer(door.address, insecure=False)


def test_another_version_of_ray_is_refused(door):
    door.body = b'{"ray_version": "2.0.0"}'
    with pytest.raises(ResourceError, match=r"runs Ray 2\.0\.0"):
        JobServer(door.address, insecure=False)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"version": 1}'])
def test_what_is_no_job_server_is_said(door, body):
    door.body, door.token = body, ""
    with pytest.raises(ResourceError, match="no job server of Ray answers"):
        JobServer(door.address, insecure=True)


def test_nobody_at_the_address_is_said():
    with pytest.raises(ResourceError, match="no job server of Ray answers") as caught:
        JobServer("http://127.0.0.1:1", insecure=False)
    assert "ssh -L 8265" in caught.value.fix


def test_a_token_does_not_travel_in_clear():
    with pytest.raises(RefusedError, match=r"would go to 10\.0\.0\.9 in clear"):
        JobServer("http://10.0.0.9:8265", insecure=False)


@pytest.mark.parametrize("address", ["10.0.0.9:6379", "auto", "ray://10.0.0.9:10001", "http://"])
def test_what_is_no_address_of_a_job_server_is_refused(address):
    with pytest.raises(UsageError, match="is not the address of a job server"):
        JobServer(address, insecure=False)


def test_a_command_joins_the_cluster_that_it_runs_on():
    assert on_the_cluster(["tune"], "/lab") == ("tune", "--address", "auto")


@pytest.mark.parametrize("named", [["--address", "10.0.0.5:6379"], ["--address=10.0.0.5:6379"]])
def test_an_address_that_was_given_stays(named):
    assert on_the_cluster(["tune", *named], "/lab") == ("tune", *named)


def test_a_folder_has_to_be_the_same_from_everywhere():
    with pytest.raises(UsageError, match="'lab' is no absolute path"):
        on_the_cluster(["tune"], "lab")
