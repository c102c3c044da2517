"""A run that is watched: what is new is read, the rest is not, and nothing is written."""

import os

import pytest
from small_records import Keeper, make_config

from wbcray.explorer.reading.live import LiveRun
from wbcray.explorer.reading.rebuild import rebuild
from wbcray.store.cells import CellStore
from wbcray.store.commit import commit
from wbcray.store.openings import Openings
from wbcray.store.selections import Selection, Selections
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told

IDENTITY = {
    "classes": ["a", "b"],
    "domains": ["east", "west"],
    "folds": 2,
    "synthetic": True,
    "data_fingerprint": "data",
    "split": "split",
    "network": "resnet18",
    "view": "32px",
    "epochs": 1,
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run with one method selected for the held-out domain west, and no cell yet."""
    monkeypatch.setattr("wbcray.explorer.reading.rebuild.versions_of", lambda _: {"wbcray": "0"})
    folder = tmp_path / "main"
    commit(folder / "run.json", "run", IDENTITY)
    Selections(folder).choose(
        Selection(
            method="erm",
            held_out="west",
            config=make_config(),
            origin="default",
            trial=-1,
            folds=(0, 1),
            seeds=(0,),
        )
    )
    return folder


def keep(run, fold):
    return Keeper(CellStore(run)).keep(fold=fold)


def files_of(run):
    return {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}


def test_a_new_cell_is_seen_and_looking_twice_reads_once(run):
    live = LiveRun(run)
    assert live.look()
    assert len(live.snapshot().tables.cells) == 0
    keep(run, 0)
    assert live.look()
    assert list(live.snapshot().tables.cells["fold"]) == [0]
    assert live.snapshot().version == 2
    assert not live.look()


def test_a_new_opening_is_seen(run):
    record = keep(run, 0)
    live = LiveRun(run)
    live.look()
    assert not live.snapshot().tables.cells["test_opened"].any()
    Openings(run).open([record], "selected")
    assert live.look()
    assert live.snapshot().tables.cells["test_opened"].all()


def test_a_trial_that_ends_is_seen(run):
    study = StudyStore(run, "erm", "west")
    study.begin({})
    live = LiveRun(run)
    live.look()
    study.ask(Asked(number=0, params={}, config=make_config()))
    live.look()
    assert list(live.snapshot().tables.trials["state"]) == ["RUNNING"]
    study.tell(
        Told(
            number=0,
            state="COMPLETE",
            value=0.5,
            values=(0.5,),
            intermediate=(),
            budget=1,
            seconds=1.0,
        )
    )
    live.look()
    assert list(live.snapshot().tables.trials["state"]) == ["COMPLETE"]


def test_a_cell_that_is_known_is_not_read_again(run, monkeypatch):
    keep(run, 0)
    live = LiveRun(run)
    live.look()
    found = []
    find = CellStore.find

    def told(self, key):
        found.append(key.fold)
        return find(self, key)

    monkeypatch.setattr(CellStore, "find", told)
    keep(run, 1)
    found.clear()
    live.look()
    assert found == [1]


def test_tables_are_used_while_no_record_is_newer(run, monkeypatch):
    keep(run, 0)
    rebuild(run)

    def never(*_):
        pytest.fail("the records were read")

    monkeypatch.setattr("wbcray.explorer.reading.live.make_tables", never)
    live = LiveRun(run)
    live.look()
    assert list(live.snapshot().tables.cells["fold"]) == [0]


def test_tables_older_than_a_record_are_not_used(run):
    keep(run, 0)
    rebuild(run)
    for path in [*(run / "tables").iterdir(), run / "facts.json"]:
        os.utime(path, (1, 1))
    keep(run, 1)
    live = LiveRun(run)
    live.look()
    assert sorted(live.snapshot().tables.cells["fold"]) == [0, 1]


def test_damaged_tables_are_made_again_in_memory(run):
    keep(run, 0)
    rebuild(run)
    (run / "tables" / "cells.parquet").write_bytes(b"PAR1")
    live = LiveRun(run)
    live.look()
    assert list(live.snapshot().tables.cells["fold"]) == [0]


def test_nothing_is_written_into_the_run(run):
    Openings(run).open([keep(run, 0)], "selected")
    before = files_of(run)
    LiveRun(run).look()
    assert files_of(run) == before


def test_a_run_that_breaks_leaves_what_was_read_and_says_why(run):
    keep(run, 0)
    live = LiveRun(run)
    live.look()
    (run / "run.json").write_text("{")
    assert live.look()
    assert live.snapshot().problem is not None
    assert len(live.snapshot().tables.cells) == 1
    assert not live.look()
