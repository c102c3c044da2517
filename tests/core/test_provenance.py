import getpass
import json
import platform
import socket
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError

import pytest

from wbcray.core import provenance as module
from wbcray.core.provenance import provenance, versions


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
    assert versions()["torch"] == "absent"


@pytest.mark.parametrize("name", ["torch", "numpy", "optuna"])
def test_a_version_is_a_number_and_not_a_guess(name):
    assert versions()[name][0].isdigit()
