"""What the tables of a run on disk say about its searches."""

import shutil
from pathlib import Path

import pytest

from wbcray.explorer.numbers.trials import trial_reports
from wbcray.explorer.reading.parameters import searched_dimensions
from wbcray.explorer.reading.rebuild import rebuild
from wbcray.explorer.reading.tables import read_tables
from wbcray.store.studies import StudyStore

EARLIER = Path(__file__).parents[1] / "store" / "earlier" / "schema_1"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of schema 1 with one study, and its tables."""
    folder = Path(shutil.copytree(EARLIER, tmp_path_factory.mktemp("runs") / "main"))
    rebuild(folder)
    return folder


def test_reports_come_back_from_the_tables_as_they_were_told(run):
    told = StudyStore(run, "boda", "west").told()
    wanted = [(n, at, value) for n, one in sorted(told.items()) for at, value in one.intermediate]
    found = trial_reports(read_tables(run).trials)[["trial", "budget", "value"]]
    assert list(found.itertuples(index=False, name=None)) == wanted
    assert wanted


def test_the_searched_space_comes_back_as_it_was_begun(run):
    space = StudyStore(run, "boda", "west").space
    found = searched_dimensions(read_tables(run), method="boda", held_out="west")
    assert list(found) == [one["name"] for one in space["dimensions"]]
    assert [one.log for one in found.values()] == [one["log"] for one in space["dimensions"]]


def test_every_shown_cell_has_its_configuration(run):
    tables = read_tables(run)
    settings = dict(tables.facts.configurations)
    assert set(tables.cells["config"]) == set(settings)
    assert all(dict(found)["optimizer.lr"] > 0 for found in settings.values())
