"""A folder for thousands of small files."""

import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it


@pytest.fixture
def quick_folder(tmp_path):
    """An empty folder, in memory where the system has such a place: crashes are modelled."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="wbcray-chaos-", dir=MEMORY))
    yield folder
    shutil.rmtree(folder)
