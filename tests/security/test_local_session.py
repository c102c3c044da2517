"""What a local Ray session may leave behind, decided without starting Ray."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wbcray.cluster import private_folder as folders
from wbcray.cluster.private_folder import private_folder, write_token
from wbcray.cluster.ray_environment import session_environment
from wbcray.core.errors import ResourceError


@pytest.fixture
def base(monkeypatch, tmp_path_factory):
    """A place for private folders with a path as short as /tmp's."""
    path = Path(tmp_path_factory.mktemp("b"))
    monkeypatch.setattr(folders, "_ROOM", 1000)
    monkeypatch.setenv("RAY_TMPDIR", str(path))
    return path


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_its_user_s_alone_and_gone_afterwards(base):
    with private_folder() as folder:
        assert folder.parent == base
        assert mode(folder) == 0o700
    assert list(base.iterdir()) == []


def test_the_token_is_new_each_time_and_its_user_s_alone(base):
    before = os.umask(0)
    try:
        with private_folder() as one, private_folder() as other:
            paths = write_token(one), write_token(other)
            assert [mode(path) for path in paths] == [0o600, 0o600]
            assert len({path.read_text() for path in paths}) == 2
            assert len(paths[0].read_text()) == 64
    finally:
        os.umask(before)


def test_the_folder_of_a_dead_process_is_removed_and_that_of_a_living_one_is_not(base):
    dead = base / "wbcray-ray-dead1234"
    dead.mkdir()
    (dead / "lock").touch()
    long_ago = time.time() - 3600
    os.utime(dead / "lock", (long_ago, long_ago))
    with private_folder() as living:
        os.utime(living / "lock", (long_ago, long_ago))
        with private_folder():
            assert living.exists()
            assert not dead.exists()


def test_a_folder_that_ray_wrote_into_while_it_was_removed_is_removed_later(base):
    half = base / "wbcray-ray-half1234"
    (half / "r").mkdir(parents=True)
    young = base / "wbcray-ray-newborn1"  # its lock is about to be made
    young.mkdir()
    long_ago = time.time() - 3600
    os.utime(half, (long_ago, long_ago))
    with private_folder():
        assert not half.exists()
        assert young.exists()


def test_a_process_that_writes_into_the_folder_while_it_is_removed_does_not_keep_it(base):
    script = (
        "import pathlib, sys, time\n"
        "for number in range(100):\n"
        "    path = pathlib.Path(sys.argv[1]) / 'r' / 'logs' / str(number)\n"
        "    path.parent.mkdir(parents=True, exist_ok=True)\n"
        "    path.write_text('late')\n"
        "    time.sleep(0.01)\n"
    )
    with private_folder() as folder:
        process = subprocess.Popen([sys.executable, "-c", script, str(folder)])
        while not (folder / "r").exists():
            time.sleep(0.005)
    process.wait()
    assert not folder.exists()


def test_ray_s_longest_socket_fits_below_the_folder(monkeypatch):
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    with private_folder() as folder:
        session = "session_2026-11-23_09-33-04_911628_4194304"
        socket = folder / "r" / session / "sockets" / "plasma_store"
        assert len(os.fsencode(socket)) <= 107


def test_a_folder_whose_path_is_too_long_is_not_taken(monkeypatch, tmp_path):
    deep = tmp_path / ("x" * 80)
    deep.mkdir()
    monkeypatch.setenv("RAY_TMPDIR", str(deep))
    with private_folder() as folder:
        assert deep not in folder.parents


def test_without_any_place_the_variable_to_set_is_named(monkeypatch):
    monkeypatch.setattr(folders, "_ROOM", 0)
    with (
        pytest.raises(ResourceError, match="no folder for Ray's sockets") as caught,
        private_folder(),
    ):
        pass
    assert "RAY_TMPDIR" in caught.value.fix


def test_variables_hold_for_the_session_and_are_then_as_before(monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "mine")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    before = dict(os.environ)
    with session_environment({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": None}):
        assert os.environ["RAY_AUTH_MODE"] == "token"
        assert "RAY_AUTH_TOKEN" not in os.environ
        assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert dict(os.environ) == before


def test_what_the_user_set_about_training_is_left(monkeypatch):
    monkeypatch.setenv("RAY_TRAIN_HEALTH_CHECK_INTERVAL_S", "7")
    with session_environment({}):
        assert os.environ["RAY_TRAIN_HEALTH_CHECK_INTERVAL_S"] == "7"


def test_workers_get_huge_pages_unless_the_user_tuned_malloc(monkeypatch):
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    with session_environment({}):
        assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    assert "GLIBC_TUNABLES" not in os.environ
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    with session_environment({}):
        assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.check=1"
