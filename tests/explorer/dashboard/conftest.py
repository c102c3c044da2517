"""A dashboard that is served in this process, of a run that a test may exchange."""

import socket
import threading

import pytest

from wbcray.explorer.dashboard.access import access_to
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.dashboard.searches import Searches
from wbcray.explorer.dashboard.server import make_running
from wbcray.explorer.reading.live import LiveRun, Snapshot

HOST = "127.0.0.1"


class Served:
    """A dashboard and its address; `show` puts other tables in place of those that it has."""

    def __init__(self, run, *, bound=HOST):
        self.live = LiveRun(run)
        self.searches = Searches()
        listening = socket.create_server((HOST, 0))
        self.port = listening.getsockname()[1]
        self.access = access_to(bound, self.port)
        self.address = f"http://{HOST}:{self.port}"
        self.server = make_running(
            self.live,
            self.access,
            Pictures(),
            host=HOST,
            listening=listening,
            searches=self.searches,
        )
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def show(self, tables, problem=None):
        version = self.live._snapshot.version + 1
        self.live._snapshot = Snapshot(version=version, tables=tables, problem=problem, read_at=0.0)
        return version

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def served(tmp_path_factory, realistic):
    """The dashboard of the run with everything in it."""
    found = Served(tmp_path_factory.mktemp("served") / "main")
    found.show(realistic)
    yield found
    found.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A dashboard as on another host than loopback: with a token."""
    found = Served(tmp_path_factory.mktemp("guarded") / "main", bound="192.0.2.7")
    yield found
    found.close()
