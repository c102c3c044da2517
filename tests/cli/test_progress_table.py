"""What a sitting says of its progress, for one study and for several."""

import pytest

from wbcray.cli import progress
from wbcray.cli.progress import ProgressTable
from wbcray.cli.tally import Tally, seconds_left, together


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(progress, "say", lines.append)
    monkeypatch.setattr(progress.time, "monotonic", lambda: 100.0)
    return lines


def test_one_study_is_one_line(said):
    table = ProgressTable()
    table.plan("erm--west", 2, 10)
    table.started("erm--west trial 0")
    table.ended("erm--west trial 0", "COMPLETE", 0.5)
    assert said == [
        "erm--west: 0 of 2 done",
        "erm--west: 1 of 2 done, 1 complete, best 0.500 (erm--west trial 0)",
    ]


def test_of_several_studies_the_one_that_moved_is_shown_and_how_far_all_are(said):
    table = ProgressTable()
    for title in ("erm--west", "erm--west2"):
        table.plan(title, 2, 10)
    for label in ("erm--west trial 0", "erm--west2 trial 0", "erm--west2 trial 1"):
        table.started(label)
    table.ended("erm--west trial 0", "COMPLETE", 0.9)
    table.ended("erm--west2 trial 1", "COMPLETE", 0.5)
    # the best of another held-out domain is not this one's
    assert said[-1] == (
        "erm--west2: 1 of 2 done, 1 complete, 1 running, best 0.500 (erm--west2 trial 1); "
        "2 of 4 in all"
    )


def test_the_cells_of_a_comparison_belong_to_it_whatever_they_are_called(said):
    table = ProgressTable()
    table.plan("compare", 1, 10)
    table.started("erm on west, fold 0, seed 0")
    table.ended("erm on west, fold 0, seed 0", "COMPLETE", 0.5)
    assert said[-1].startswith("compare: 1 of 1 done, 1 complete")


def test_the_time_left_is_that_of_all_studies():
    """10 epochs took 5 s; one trial ended after 6, 4 are spent of 8, three trials wait."""
    first = Tally(title="a", trials=2, budget=8, spent=6)
    first.states["PRUNED"] = 1
    first.running["a trial 1"] = (4, 0.5)
    second = Tally(title="b", trials=3, budget=8)
    everything = together([first, second])
    assert (everything.title, everything.done, everything.trials) == ("2 studies", 1, 5)
    assert seconds_left(everything, 5.0) == pytest.approx(5 / 10 * (3 * 6 + 4))
    assert seconds_left(Tally(title="a", trials=2, budget=8), 5.0) is None


def test_the_table_of_several_studies_shows_those_that_run():
    table = ProgressTable()
    for title in ("erm--west", "erm--east", "erm--north"):
        table.plan(title, 2, 10)
        if title != "erm--north":
            table.started(f"{title} trial 0")
    table.reported("erm--east trial 0", 0.25, 3)
    drawn = table._table()
    cells = [list(column.cells) for column in drawn.columns]
    assert cells[0] == [
        "[bold]erm--west[/bold]: 0 of 2 done, 1 running",
        "erm--west trial 0",
        "[bold]erm--east[/bold]: 0 of 2 done, 1 running",
        "erm--east trial 0",
    ]
    assert cells[1][3] == "3 of 10"
    assert drawn.title.startswith("3 studies: 0 of 6 done, 2 running")
