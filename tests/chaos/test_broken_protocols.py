"""The checks are checked: each of several protocols with a mistake is found out."""

import pytest
from broken import UNDER_KILLS, WITHOUT_POWER
from crash import exhaust, power_violations
from operations import NewRecord


@pytest.mark.parametrize("mistake", UNDER_KILLS, ids=lambda one: one.__name__)
def test_a_protocol_with_a_mistake_is_caught_by_crash_points(mistake, quick_folder, monkeypatch):
    mistake(monkeypatch)
    found, _ = exhaust([UNDER_KILLS[mistake]], quick_folder)
    assert found


@pytest.mark.parametrize("mistake", WITHOUT_POWER, ids=lambda one: one.__name__)
def test_a_protocol_that_flushes_too_little_is_caught_by_power_failures(
    mistake, quick_folder, monkeypatch
):
    mistake(monkeypatch)
    assert power_violations(NewRecord(), quick_folder / "run")
