"""Programs that tests use and pip does not install: what their absence means."""

import os

import pytest


def absent(reason):
    """Skip the test aloud; under CI=true nothing may be skipped for want of a program."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
