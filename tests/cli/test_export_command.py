"""`wbcray export`: what it prints, and what it refuses."""

import pytest

from wbcray.explorer.exports import drawn_figures
from wbcray.explorer.reading.facts import RunFacts
from wbcray.explorer.reading.tables import COLUMNS, RunTables

FACTS = {
    "run": "main",
    "classes": ["a", "b"],
    "domains": ["north", "south"],
    "folds": 2,
    "synthetic": True,
    "data_fingerprint": "d" * 16,
    "split_digest": "5" * 16,
    "network": {"backbone": "resnet18"},
    "image_size": 32,
    "epochs": 1,
    "seeds": [0],
    "versions": {"wbcray": "0.1.0"},
    "openings": 0,
    "selection_rule": "highest mean validation macro F1 over folds",
    "failed_cells": [],
}


@pytest.fixture
def a_run(place, monkeypatch):
    """A run folder, and empty tables in place of its own; no Kaleido."""
    import pandas as pd

    frames = {name: pd.DataFrame(columns=columns) for name, columns in COLUMNS.items()}
    tables = RunTables(**frames, facts=RunFacts.from_json(FACTS))
    (place.folder / "runs/main").mkdir(parents=True)
    (place.folder / "runs/main/run.json").write_text("{}")
    monkeypatch.setattr("wbcray.explorer.reading.rebuild.rebuild", lambda _folder: tables)
    monkeypatch.setattr(drawn_figures, "find_spec", lambda _name: None)


@pytest.mark.usefixtures("a_run")
def test_with_json_it_prints_what_was_written_and_what_was_not(place):
    told = place.json("export", "--figures", "none")
    assert told["folder"] == "export"
    assert "csv/leaderboard.csv" in told["files"]
    assert all((place.folder / "export" / name).is_file() for name in told["files"])
    assert len(told["left_out"]) == 2


@pytest.mark.usefixtures("a_run")
def test_without_a_drawer_of_figures_it_warns_and_ends_well(place):
    said = place.call("export", "--format", "md")
    assert said.code == 0
    assert said.out == ""
    assert "wrote 3 files into export" in said.err
    assert "note: figures: figures need Kaleido, which is not installed; pip install" in said.err


@pytest.mark.usefixtures("a_run")
def test_figures_that_were_asked_for_and_cannot_be_drawn_are_exit_5(place):
    said = place.call("export", "--format", "md", "--figures", "pdf")
    assert said.code == 5
    assert "fix: pip install" in said.err
    assert (place.folder / "export/tables.md").is_file()


@pytest.mark.usefixtures("a_run")
def test_an_unknown_format_is_refused_with_the_known_ones(refused):
    assert "parquet" in refused("export", "--format", "csv,xlsx", code=2)["fix"]
    assert "svg" in refused("export", "--figures", "svq", code=2)["fix"]


@pytest.mark.usefixtures("a_run")
def test_a_folder_of_somebody_else_is_refused(refused):
    found = refused("export", "-o", "images", code=7)
    assert "--force" in found["fix"]


def test_without_a_run_there_is_nothing_to_export(refused):
    assert "wbcray tune" in refused("export", code=4)["fix"]
