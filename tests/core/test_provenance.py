import getpass
import json
import platform
import shutil
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError

import pytest

from wbcray.core import provenance as module
from wbcray.core.provenance import provenance, source, versions
from wbcray.core.seeding import DERIVATION


def test_a_record_says_how_many_threads_were_used():
    assert provenance(threads=3)["threads"] == 3


def test_a_record_is_plain_json():
    made = provenance(threads=1)
    assert json.loads(json.dumps(made)) == made


def test_a_record_holds_neither_host_nor_user_nor_path():
    text = json.dumps(provenance(threads=1))
    assert f'"{socket.gethostname()}"' not in text
    assert f'"{getpass.getuser()}"' not in text
    assert "/" not in text


def test_the_time_is_now_and_in_utc():
    finished = datetime.fromisoformat(provenance(threads=1)["finished"])
    assert finished.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - finished) < timedelta(minutes=1)


def test_versions_name_python_and_what_results_depend_on():
    found = versions()
    assert found["python"] == platform.python_version()
    assert {"torch", "numpy", "scikit-learn", "wbcray"} <= set(found)


def test_a_package_that_is_not_installed_is_called_absent(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "version", absent)
    monkeypatch.setattr(module, "_installed", module._installed.__wrapped__)
    assert versions()["torch"] == "absent"


def test_versions_are_looked_up_once_a_process(monkeypatch):
    first = versions()
    monkeypatch.setattr(module, "version", None)
    assert versions() == first


@pytest.mark.parametrize("name", ["torch", "numpy", "optuna"])
def test_a_version_is_a_number_and_not_a_guess(name):
    assert versions()[name][0].isdigit()


@pytest.fixture
def checkout(tmp_path):
    """A folder `package` in a git repository of one commit; gives the folder and the commit."""
    git = shutil.which("git") or pytest.skip("no git on this machine")
    package = tmp_path / "package"
    package.mkdir()
    (package / "some.py").write_text("one = 1")
    name = ["-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*name, "commit", "-q", "-m", "first"]):
        subprocess.run([git, "-C", str(tmp_path), *words], check=True)
    head = subprocess.run(
        [git, "-C", str(tmp_path), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    )
    return package, head.stdout.strip()


def test_a_checkout_is_named_by_its_revision(checkout):
    package, revision = checkout
    (package.parent / "notes.txt").write_text("beside the package")
    assert source(package) == {"revision": revision, "changed": False}


@pytest.mark.parametrize("name", ["some.py", "new.py"])
def test_a_checkout_whose_files_were_changed_is_called_so(checkout, name):
    package, revision = checkout
    (package / name).write_text("two = 2")
    assert source(package) == {"revision": revision, "changed": True}


def test_an_installed_package_has_no_revision(tmp_path):
    assert source(tmp_path / "package") == {}


def test_a_record_says_what_was_promised_and_how_seeds_were_derived():
    made = provenance(threads=1, determinism="bitwise", accelerator={"gpu": "Some GPU"})
    assert made["determinism"] == "bitwise"
    assert made["accelerator"] == {"gpu": "Some GPU"}
    assert made["seeds"] == DERIVATION
