"""`launch/local-cluster.sh` for real: three nodes come up on loopback, and leave nothing behind."""

import os
import re
import socket
import stat
import subprocess
import tempfile
from pathlib import Path

import psutil
import pytest
from launch_folder import LAUNCH

pytestmark = [pytest.mark.ray, pytest.mark.slow]


def free_ports():
    """The first of three ports in a row that nobody listens on."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            first = one.getsockname()[1]
        taken = {c.laddr.port for c in psutil.net_connections("tcp") if c.laddr}
        if not taken & {first, first + 1, first + 2} and first < 65000:
            return first


@pytest.fixture
def call():
    """Call the script, with a folder and ports of this test's own."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="w") as name:  # short, for sockets
        folder = Path(name) / "c"
        environment = os.environ | {"CLUSTER_DIR": str(folder), "PORT": str(free_ports())}

        def called(*words):
            # Files, as pipes would stay open in the nodes.
            with (Path(name) / "said").open("w+") as out:
                done = subprocess.run(
                    [str(LAUNCH / "local-cluster.sh"), *words],
                    env=environment,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
                out.seek(0)
                return done.returncode, out.read()

        try:
            yield folder, called
        finally:
            called("down")


def members(folder):
    """The processes of the nodes: those in the sessions that the script began."""
    sessions = {int(file.read_text()) for file in folder.glob("node-*.pid")}
    return [one for one in psutil.process_iter() if _session(one) in sessions]


def _session(process):
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


def test_three_nodes_come_up_on_loopback_once_and_leave_nothing_behind(call):
    folder, called = call
    code, said = called("up", "3")
    assert code == 0, said
    exported = dict(re.findall(r"^export (\w+)=(.*)$", said, re.MULTILINE))
    assert exported["RAY_AUTH_TOKEN_PATH"] == str(folder / "token")
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    code, again = called("up", "2")
    assert code == 0
    assert "is running already" in again
    assert f"export RAY_ADDRESS={exported['RAY_ADDRESS']}" in again

    code, status = called("status")
    assert code == 0
    assert len(re.findall(r"^ 1 node_", status, re.MULTILINE)) == 3

    processes = members(folder)
    ours = {process.pid for process in processes}
    listeners = {
        one.laddr.ip.removeprefix("::ffff:")
        for one in psutil.net_connections("inet")
        if one.pid in ours and one.status == psutil.CONN_LISTEN
    }
    assert listeners == {"127.0.0.1"}
    token = (folder / "token").read_text().strip()
    assert not any(token in word for process in processes for word in process.cmdline())

    code, said = called("down")
    assert code == 0
    assert not folder.exists()
    assert [process for process in processes if process.is_running()] == []
    code, said = called("status")
    assert (code, said.splitlines()[0]) == (5, "error: no local cluster is running")
