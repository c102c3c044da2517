"""`launch/local-cluster.sh` for real: three nodes on loopback, a sweep over them, a node lost.

The search keeps its study on a PostgreSQL server of this test's own.
"""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import optuna
import psutil
import pytest
from database import database
from generated_cells import DOMAINS, write_project
from launch_folder import LAUNCH

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(600)]

TRIALS = 5


def free_ports():
    """The first of three ports in a row that nobody listens on."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            first = one.getsockname()[1]
        taken = {c.laddr.port for c in psutil.net_connections("tcp") if c.laddr}
        if not taken & {first, first + 1, first + 2} and first < 65000:
            return first


@dataclass(frozen=True)
class Cluster:
    """A local cluster: its folder, the environment of who uses it, what `up` said."""

    folder: Path
    environment: dict[str, str]
    said: str

    def script(self, *words):
        """Exit code and output of the script."""
        # a file, as a pipe would stay open in the nodes
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run(
                [str(LAUNCH / "local-cluster.sh"), *words],
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
            out.seek(0)
            return done.returncode, out.read()

    def wbcray(self, folder, *words):
        """Begin a command in `folder`, which uses the cluster."""
        return subprocess.Popen(
            [sys.executable, "-m", "wbcray", *words],
            cwd=folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def members(self, nodes="*"):
        """The processes of nodes: those in the sessions that the script began."""
        sessions = {int(file.read_text()) for file in self.folder.glob(f"node-{nodes}.pid")}
        return [one for one in psutil.process_iter() if _session(one) in sessions]


@pytest.fixture(scope="module")
def storage():
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="p") as name:
        Path(name).chmod(0o755)  # the server's user has to come through
        with database(Path(name)) as found:
            yield found


@pytest.fixture(scope="module")
def cluster(storage):
    """Three nodes; when all tests are done they are stopped, and nothing may be left."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="w") as name:  # short, for sockets
        folder, port = Path(name) / "c", free_ports()
        programs = Path(sys.executable).parent
        environment = os.environ | {
            "CLUSTER_DIR": str(folder),
            "PORT": str(port),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PGPASSFILE": str(storage.passfile),
            "PYTHONWARNINGS": "ignore",
        }
        code, said = Cluster(folder, environment, "").script("up", "3")
        exported = dict(re.findall(r"^export (\w+)=(.*)$", said, re.MULTILINE))
        server = {"RAY_API_SERVER_ADDRESS": f"http://127.0.0.1:{port + 1}"}
        found = Cluster(folder, environment | exported | server, said)
        try:
            assert code == 0, said
            yield found
            processes = found.members()
            assert found.script("down") == (
                0,
                "the local cluster is stopped, and its folder removed\n",
            )
            assert not folder.exists()
            assert [process for process in processes if process.is_running()] == []
            code, said = found.script("status")
            assert (code, said.splitlines()[0]) == (5, "error: no local cluster is running")
            assert found.script("add")[0] == 5
        finally:
            found.script("down")


def _session(process):
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


def test_nodes_listen_on_loopback_only_and_their_token_is_no_ones_else(cluster):
    folder = cluster.folder
    assert f"export RAY_AUTH_TOKEN_PATH={folder / 'token'}" in cluster.said
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    processes = cluster.members()
    ours = {process.pid for process in processes}
    listeners = {
        one.laddr.ip.removeprefix("::ffff:")
        for one in psutil.net_connections("inet")
        if one.pid in ours and one.status == psutil.CONN_LISTEN
    }
    assert listeners == {"127.0.0.1"}
    token = (folder / "token").read_text().strip()
    assert not any(token in word for process in processes for word in process.cmdline())


def test_a_second_cluster_in_the_same_folder_is_the_first_one(cluster):
    code, again = cluster.script("up", "2")
    assert code == 0
    assert "is running already" in again
    assert f"export RAY_ADDRESS={cluster.environment['RAY_ADDRESS']}" in again


def test_a_sweep_outlives_a_lost_node_and_uses_the_one_that_comes(
    cluster, storage, cells, tmp_path
):
    # long enough that the first node to be ready does not do all of it
    write_project(tmp_path, cells, epochs=12)
    words = ("tune", "--method", "erm", "--held-out", DOMAINS[2], "--trials", str(TRIALS))
    words = ("submit", "--follow", "--", *words, "--storage", storage.url)
    with cluster.wbcray(tmp_path, *words) as sweep:
        try:
            lost = worker_that_trains(cluster, tmp_path / "runs" / "main", sweep)
            for process in cluster.members(lost):  # as when a machine loses its power
                process.send_signal(signal.SIGKILL)
            code, said = cluster.script("add")
            assert code == 0, said
            out, remarks = sweep.communicate(timeout=300)
        finally:
            sweep.kill()
    assert sweep.returncode == 0, out + remarks
    assert "3 CPUs on 3 nodes" in out

    with cluster.wbcray(tmp_path, "status", "--json") as asked:
        (study,) = json.loads(asked.communicate(timeout=60)[0])["studies"]
    assert (study["complete"] + study["pruned"], study["failed"], study["running"]) == (
        TRIALS,
        0,
        0,
    )

    with cluster.wbcray(tmp_path, "store", "verify", "--json") as asked:
        verified = json.loads(asked.communicate(timeout=60)[0])
    assert verified["corrupt"] == 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSFILE", str(storage.passfile))
        (kept,) = optuna.get_all_study_names(storage.url)
        assert len(optuna.load_study(study_name=kept, storage=storage.url).trials) == TRIALS
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in written if storage.password.encode() in path.read_bytes()]


def worker_that_trains(cluster, run, sweep):
    """The worker node of which a process was first seen to have taken a cell up."""
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and sweep.poll() is None:
        begun = [json.loads(path.read_text())["payload"]["pid"] for path in run.rglob("begun-*")]
        for node in ("1", "2"):
            if {process.pid for process in cluster.members(node)} & set(begun):
                return node
        time.sleep(0.2)
    sweep.kill()
    said = "\n".join(sweep.communicate(timeout=60))
    pytest.fail(f"no cell was trained on a worker node in time; the command said: {said}")


def test_every_node_says_how_it_is(cluster, cells, tmp_path):
    write_project(tmp_path, cells)
    with cluster.wbcray(tmp_path, "doctor", "--address", "auto", "--json") as asked:
        found = json.loads(asked.communicate(timeout=200)[0])
    lines = [one for one in found["findings"] if one["name"].startswith("node ")]
    assert len(lines) == 12  # versions, runs, disk and clock of three nodes
    assert not [line for line in lines if line["state"] == "fail"]
    assert len([one for one in lines if one["found"].endswith("is shared and can be written")]) == 3
    assert list((tmp_path / "runs").iterdir()) == []
