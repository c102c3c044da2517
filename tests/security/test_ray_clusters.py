"""Real Ray clusters on loopback, with and without a token, joined as the command line does."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from wbcray.cluster.joining import check_cluster
from wbcray.cluster.session import ray_session
from wbcray.core.errors import RefusedError, ResourceError

pytestmark = [pytest.mark.ray, pytest.mark.slow]

TOKEN = "d" * 64
RAY = str(Path(sys.executable).with_name("ray"))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def heads(folder):
    """A head node with our token and one without, started side by side; their addresses."""
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    started = {}
    for mode in ("token", "disabled"):
        port = free_port()
        words = ["start", "--head", "--block", f"--port={port}", "--num-cpus=1"]
        words += ["--include-dashboard=false", f"--temp-dir={folder / mode[0]}"]
        words += ["--object-store-memory=80000000"]
        process = subprocess.Popen(
            [RAY, *words],
            env=os.environ
            | {
                "RAY_AUTH_MODE": mode,
                "RAY_AUTH_TOKEN_PATH": str(folder / "token"),
                "RAY_USAGE_STATS_ENABLED": "0",
                "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # loopback only
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started[mode] = (f"127.0.0.1:{port}", process)
    try:
        yield {mode: address for mode, (address, _) in started.items()}
    finally:
        family = [psutil.Process(p.pid).children(recursive=True) for _, p in started.values()]
        for _, process in started.values():
            process.send_signal(signal.SIGTERM)
        for _, process in started.values():
            process.wait(60)
        for one in (child for children in family for child in children if child.is_running()):
            one.kill()


@pytest.fixture(scope="module")
def clusters():
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="w") as name,  # short, for sockets
        pytest.MonkeyPatch.context() as patch,
        heads(Path(name)) as addresses,
    ):
        patch.setenv("RAY_AUTH_TOKEN_PATH", str(Path(name) / "token"))
        patch.delenv("RAY_AUTH_TOKEN", raising=False)
        for address in addresses.values():
            wait_for(address)
        yield addresses


def wait_for(address, seconds=120):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return check_cluster(address, insecure=True)
        except ResourceError:
            assert time.monotonic() < deadline, "no head node in time"
            time.sleep(0.5)


def test_a_cluster_with_our_token_is_joined_and_left(clusters, tmp_path):
    with ray_session(clusters["token"], log=tmp_path / "ray.log") as found:
        assert found.address == clusters["token"]
        assert [node.cpus for node in found.nodes] == [1.0]
        assert os.environ["RAY_AUTH_MODE"] == "token"
    assert "RAY_AUTH_MODE" not in os.environ
    assert TOKEN not in (tmp_path / "ray.log").read_text()


def test_a_cluster_without_authentication_is_refused_also_where_it_is_announced(
    clusters, tmp_path, monkeypatch
):
    monkeypatch.setenv("RAY_ADDRESS", clusters["disabled"])
    for address in (None, "auto", clusters["disabled"]):
        with (
            pytest.raises(RefusedError, match="has no authentication"),
            ray_session(address, log=tmp_path / "ray.log"),
        ):
            pass


def test_a_cluster_without_authentication_is_joined_where_that_is_asked_for(clusters, tmp_path):
    with ray_session(clusters["disabled"], log=tmp_path / "ray.log", insecure=True) as found:
        assert found.address == clusters["disabled"]


def test_another_token_is_said_in_time(clusters, tmp_path, monkeypatch):
    (tmp_path / "other").write_text("e" * 64)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "other"))
    began = time.monotonic()
    with (
        pytest.raises(ResourceError, match="does not accept our token"),
        ray_session(clusters["token"], log=tmp_path / "ray.log"),
    ):
        pass
    assert time.monotonic() - began < 15
