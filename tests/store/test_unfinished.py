"""What killed processes leave behind is removed by the next driver, and nothing else is."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest

from wbcray.store.commit import commit
from wbcray.store.driver import driving
from wbcray.store.unfinished import remove_unfinished

HEX = "0123456789abcdef" * 2
CELL = "cells/0f0f0f0f0f0f0f0f/north--fold0--seed0"


@pytest.fixture
def run(tmp_path):
    return tmp_path / "main"


def put(run, name):
    path = run / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("half")
    return path


@pytest.mark.parametrize("folder", [CELL, f"{CELL}/weights-001", "studies/a--b/trials", "tables"])
def test_a_driver_removes_the_unfinished_files_of_killed_processes(run, folder):
    unfinished = put(run, f"{folder}/.attempt-001.json.{HEX}")
    with driving(run):
        assert not unfinished.exists()


def test_a_driver_that_ends_removes_what_its_killed_workers_left(run):
    with suppress(KeyboardInterrupt), driving(run):
        unfinished = put(run, f"{CELL}/.attempt-001.json.{HEX}")
        raise KeyboardInterrupt
    assert not unfinished.exists()


def test_files_of_other_names_stay(run):
    names = (".commit.lock", f"attempt-001.json.{HEX}", f".x.{HEX[:-1]}", ".notes", f"ray/.x.{HEX}")
    kept = [put(run, name) for name in names]
    assert remove_unfinished(run) == 0
    assert all(path.exists() for path in kept)


def test_a_table_that_a_living_process_writes_stays_and_that_of_a_dead_one_does_not(run):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = put(run, f"tables/.cells.parquet.{os.getpid()}")
    left = put(run, f"tables/.cells.parquet.{gone.pid}")
    remove_unfinished(run)
    assert mine.exists()
    assert not left.exists()


def test_the_state_of_a_fold_stays_until_the_cell_has_a_result(run):
    state = put(run, f"{CELL}/progress/state.safetensors")
    commit(run / CELL / "attempt-001.json", "ended", {"state": "LOST", "reason": "gone"})
    remove_unfinished(run)
    assert state.exists()
    commit(run / CELL / "attempt-002.json", "cell", {})
    remove_unfinished(run)
    assert not state.parent.exists()


def test_the_beat_of_an_attempt_stays_until_it_is_decided(run):
    first, second = put(run, f"{CELL}/beat-001"), put(run, f"{CELL}/beat-002")
    commit(run / CELL / "attempt-001.json", "ended", {"state": "LOST", "reason": "gone"})
    remove_unfinished(run)
    assert not first.exists()
    assert second.exists()
