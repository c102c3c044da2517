"""A disk that fails when it is told to, and an empty store."""

import errno
import os

import pytest
from small_records import Keeper

from wbcray.store.cells import CellStore


@pytest.fixture
def break_disk(monkeypatch):
    """Make the `nth` call of an `os` function fail, as a full or broken disk would."""

    def arm(function, nth=1, code=errno.ENOSPC):
        real, calls = getattr(os, function), iter(range(1, 1000))

        def failing(*arguments, **options):
            if next(calls) == nth:
                raise OSError(code, os.strerror(code))
            return real(*arguments, **options)

        monkeypatch.setattr(os, function, failing)

    return arm


@pytest.fixture
def cells(tmp_path):
    """The cells of an empty run."""
    return CellStore(tmp_path)


@pytest.fixture
def keeper(cells):
    """Keeps cells in `cells`, with little to write."""
    return Keeper(cells)
