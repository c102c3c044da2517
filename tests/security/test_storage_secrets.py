"""Passwords of databases end up nowhere, and SQLite is kept off network file systems."""

import traceback
from collections import namedtuple

import psutil
import pytest

from wbcray.cluster.optuna_cache import open_cache
from wbcray.cluster.storage import VARIABLE, check_storage, open_storage
from wbcray.core.errors import RefusedError, ResourceError, WbcrayError
from wbcray.core.file_system import network_file_system

CANARY = "SECRETPW"
Mount = namedtuple("Mount", "mountpoint fstype")


@pytest.fixture
def database(monkeypatch, tmp_path):
    """Passwords where database drivers look for them."""
    (tmp_path / "pgpass").write_text(f"*:*:*:*:{CANARY}\n")
    (tmp_path / "pgpass").chmod(0o600)
    monkeypatch.setenv("PGPASSWORD", CANARY)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path / "run"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg2://me:{CANARY}@127.0.0.1:9/x",
        f"postgresql+psycopg2://me:@127.0.0.1:9/x?a={CANARY}",
        f"postgresql://me@127.0.0.1:9/x?password={CANARY}",
        f"postgresql://me@127.0.0.1:9/x?sslpassword={CANARY}",
        f"mysql://me@127.0.0.1:9/x?passwd={CANARY}",
        f"://{CANARY}",
        f"no url {CANARY}",
        f"nosuch://me:{CANARY}@127.0.0.1:9/x",
        "postgresql+psycopg2://me@127.0.0.1:9/x",
        "nosuch://me@127.0.0.1:9/x",
    ],
)
@pytest.mark.parametrize("by", ["option", "environment"])
def test_no_way_of_failing_shows_a_password(database, monkeypatch, capfd, url, by):
    given = url
    if by == "environment":
        monkeypatch.setenv(VARIABLE, url)
        given = None
    for act in (lambda: check_storage(given), lambda: open_storage(database, given)):
        try:
            act()
        except WbcrayError as error:
            said = "".join(traceback.format_exception(error)) + repr(error) + str(error)
            assert CANARY not in said
    assert CANARY not in "".join(capfd.readouterr())
    if database.exists():
        assert [path for path in database.rglob("*") if CANARY in path.name] == []


def test_what_a_driver_repeats_of_the_environment_is_masked(database, monkeypatch):
    import optuna
    from sqlalchemy.exc import OperationalError

    def fail(*_, **__):
        raise OperationalError(f"connect with {CANARY}", None, Exception(CANARY))

    monkeypatch.setattr(optuna.storages, "RDBStorage", fail)
    with pytest.raises(ResourceError) as caught:
        open_storage(database, "postgresql://me@127.0.0.1:9/x")
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert "***" in caught.value.what


@pytest.fixture
def mounted(monkeypatch):
    """Pretend that everything below a folder is on a file system of some type."""

    def mount(folder, kind):
        mounts = [Mount("/", "ext4"), Mount(str(folder), kind), Mount("/elsewhere", "nfs4")]
        monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)  # noqa: A006

    return mount


@pytest.mark.parametrize("kind", ["nfs4", "lustre", "gpfs", "cifs", "smb3", "fuse.sshfs", "ceph"])
def test_types_that_machines_share_are_known(tmp_path, mounted, kind):
    mounted(tmp_path, kind)
    assert network_file_system(tmp_path / "not" / "there") == kind
    assert network_file_system(tmp_path.parent) is None


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuseblk", "apfs"])
def test_types_of_one_machine_are_fine(tmp_path, mounted, kind):
    mounted(tmp_path, kind)
    assert network_file_system(tmp_path) is None


def test_sqlite_on_a_network_file_system_is_refused_where_it_was_asked_for(tmp_path, mounted):
    mounted(tmp_path, "nfs4")
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with pytest.raises(RefusedError, match="nfs4") as caught:
        check_storage(url)
    assert "local disk" in caught.value.fix
    with pytest.raises(RefusedError):
        open_storage(tmp_path, url)
    assert list(tmp_path.iterdir()) == []


def test_a_run_on_a_network_file_system_keeps_no_sqlite_and_says_so(tmp_path, mounted, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    mounted(tmp_path, "lustre")
    said = []
    assert open_cache(tmp_path / "run", None, said.append) is None
    assert "network file system" in said[0]
    assert list(tmp_path.iterdir()) == []
