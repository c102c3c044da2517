"""The held-out domain cannot reach the search: poison its labels and nothing changes."""

import shutil

import pytest
import torch
from driving import plan_for, searcher_for
from generated_cells import CLASSES, write_project

from wbcray.cluster.run_task import run_task
from wbcray.cluster.task import Task
from wbcray.cluster.trainable import TuneRuntime
from wbcray.core.project import load_project
from wbcray.store.cells import CellStore
from wbcray.store.openings import Openings
from wbcray.training.open_run import open_run
from wbcray.training.settings import settings_of


def search(folder, cells, *, trials):
    """A search of real trials, one after the other; its suggestions, values and run."""
    folder.mkdir()
    project = load_project(write_project(folder, cells, epochs=1))
    settings = settings_of(project)
    run = open_run(project, "main", settings)
    records, searcher = searcher_for(plan_for(run.folder, settings, method="coral"))
    torch.set_num_threads(1)
    for number in range(trials):
        task = searcher.suggest(f"t{number}")["task"]
        reports = []
        run_task(Task.from_json(task), reports.append, TuneRuntime)
        for report in reports[:-1]:
            searcher.on_trial_result(f"t{number}", report)
        searcher.on_trial_complete(f"t{number}", reports[-1])
    asked = [item.params for item in records.asked().values()]
    told = [(item.value, item.values, item.intermediate) for item in records.told().values()]
    return asked, told, run


@pytest.fixture
def poisoned(cells, tmp_path):
    """The same images, but every label of the held-out domain is wrong."""
    copy = tmp_path / "poisoned"
    shutil.copytree(cells, copy)
    for label in CLASSES:
        (copy / "west" / label).rename(copy / "west" / f"was-{label}")
    for label, wrong in zip(CLASSES, CLASSES[1:] + CLASSES[:1], strict=True):
        (copy / "west" / f"was-{label}").rename(copy / "west" / wrong)
    return copy


@pytest.mark.slow
def test_a_search_is_the_same_when_every_held_out_label_is_wrong(cells, poisoned, tmp_path):
    asked, told, run = search(tmp_path / "clean", cells, trials=3)
    asked_poisoned, told_poisoned, run_poisoned = search(tmp_path / "wrong", poisoned, trials=3)
    assert asked == asked_poisoned
    assert told == told_poisoned
    sealed = [
        sorted(CellStore(r.folder).sealed_counts(c).reveal().tolist() for c in CellStore(r.folder))
        for r in (run, run_poisoned)
    ]
    assert sealed[0] != sealed[1]


def test_a_search_opens_nothing(cells, tmp_path):
    _, _, run = search(tmp_path / "clean", cells, trials=1)
    assert Openings(run.folder).count() == 0
