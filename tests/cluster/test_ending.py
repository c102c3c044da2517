"""How a task ended, from the worker that met an error to the exit code of the command."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from driving import last_report, plan_for
from generated_cells import write_project

from wbcray.cluster.disk_space import full_disk
from wbcray.cluster.ending import BUDGET, STATE, VALUE, TaskEnding, check_ended
from wbcray.cluster.run_task import run_task
from wbcray.cluster.workers import read_ending, write_ending
from wbcray.core.errors import (
    DataError,
    InfeasibleError,
    RefusedError,
    ResourceError,
    StoreError,
    UsageError,
    WbcrayError,
)
from wbcray.core.project import load_project
from wbcray.training.open_run import open_run
from wbcray.training.runtime import LocalRuntime
from wbcray.training.settings import settings_of

KINDS = {
    UsageError: 2,
    DataError: 3,
    StoreError: 4,
    ResourceError: 5,
    InfeasibleError: 6,
    RefusedError: 7,
}
RAYS_OWN = {"done": True, "pid": 7, "time_total_s": 1.5, "config": {"task": {}}}


def carried(folder, metrics):
    """What the driver reads of the last report that a worker wrote down."""
    write_ending(folder / "ending.json", metrics)
    return read_ending(folder / "ending.json")


def raised_by(ending, run="/runs/main"):
    """The error that `train --workers` ends with."""
    with pytest.raises(WbcrayError) as caught:
        check_ended(ending, run=run)
    return caught.value


def test_every_class_of_error_is_known():
    assert set(KINDS) == set(WbcrayError.__subclasses__())


@pytest.mark.parametrize(("kind", "code"), KINDS.items(), ids=lambda one: getattr(one, "code", one))
def test_an_error_arrives_with_its_class_its_exit_code_and_its_texts(tmp_path, kind, code):
    error = kind("it broke\nat length", where="/runs/main/run.json", fix="mend it")
    found = raised_by(carried(tmp_path, last_report(0.25, error=error)))
    assert type(found) is kind
    assert found.exit_code == code
    assert (found.what, found.where, found.fix) == (error.what, error.where, error.fix)


def test_an_ending_is_the_same_after_its_way_through_ray():
    failed = last_report(0.25, error=DataError("no such image", where="a.png"))
    for last in (last_report(0.25, 0.5), failed):
        before = TaskEnding.from_metrics(last)
        after = TaskEnding.from_metrics(json.loads(json.dumps(last)) | RAYS_OWN)
        assert before == after


def test_only_a_configuration_that_cannot_be_trained_is_infeasible():
    states = {kind: TaskEnding.from_metrics(last_report(error=kind("x"))).state for kind in KINDS}
    assert [kind for kind, state in states.items() if state == "INFEASIBLE"] == [InfeasibleError]
    assert {states[kind] for kind in KINDS if kind is not InfeasibleError} == {"FAILED"}


def test_a_result_is_the_mean_over_folds_and_no_error(tmp_path):
    ending = carried(tmp_path, last_report(0.25, 0.5))
    assert (ending.state, ending.value, ending.values) == ("COMPLETE", 0.375, (0.25, 0.5))
    check_ended(ending, run="/runs/main")
    assert TaskEnding.from_metrics(last_report(error=DataError("x"))).value == 0.0


def test_the_last_report_has_what_a_scheduler_reads_of_every_report():
    last = last_report(0.25, 0.5, budget=9)
    assert (last[VALUE], last[BUDGET], last[STATE]) == (0.375, 9, "COMPLETE")


def test_a_report_of_an_epoch_is_no_ending():
    assert TaskEnding.from_metrics({VALUE: 0.5, BUDGET: 1, STATE: ""} | RAYS_OWN) is None
    assert TaskEnding.from_metrics({}) is None


def test_a_workers_full_disk_ends_the_command_with_exit_5(tmp_path):
    found = raised_by(carried(tmp_path, last_report(error=full_disk("/runs/main"))))
    assert (found.exit_code, found.what, found.where) == (5, "the disk is full", "/runs/main")
    assert found.fix.startswith("free space")


@pytest.mark.parametrize("left", [None, "", '{"state": "COMP'])
def test_workers_that_left_no_ending_are_the_machines_fault(tmp_path, left):
    """Such as on a disk that has no room for it either, or in a folder of their own."""
    place = tmp_path / "ending.json"
    if left is not None:
        place.write_text(left)
    found = raised_by(read_ending(place), run="/runs/main")
    assert (type(found), found.exit_code, found.where) == (ResourceError, 5, "/runs/main")


def test_a_disk_without_room_for_the_ending_does_not_start_the_workers_again(tmp_path):
    write_ending(Path("/dev/full"), last_report(0.5))  # the system's disk that is always full
    with pytest.raises(FileNotFoundError):
        write_ending(tmp_path / "nowhere" / "ending.json", last_report(0.5))


def torn(run, images, task):
    """A record of the run that was not written to its end."""
    (run / "data.json").write_text('{"schema"')
    return task


def without_images(run, images, task):
    """Neither the images nor what was decoded of them."""
    shutil.rmtree(images)
    shutil.rmtree(run.parents[1] / ".wbcray")
    return task


def without_weights(run, images, task):
    network = replace(task.config.network, weights="imagenet")
    return replace(task, config=replace(task.config, network=network))


@pytest.mark.parametrize(
    ("spoil", "kind", "where"),
    [
        (torn, StoreError, "data.json"),
        (without_images, DataError, ".png"),
        (without_weights, ResourceError, ".pth"),
    ],
)
def test_what_a_worker_meets_keeps_its_exit_code(tmp_path, monkeypatch, cells, spoil, kind, where):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    images = shutil.copytree(cells, tmp_path / "images")
    project = load_project(write_project(tmp_path, images))
    settings = settings_of(project)
    run = open_run(project, "main", settings).folder
    plan = plan_for(run, settings)
    task = spoil(run, images, plan.task(plan.asked(0, {})))
    reports = []
    run_task(task, reports.append, lambda report, objective: LocalRuntime())
    found = raised_by(carried(tmp_path, reports[-1]))
    assert (type(found), found.exit_code) == (kind, KINDS[kind])
    assert found.where.startswith(str(tmp_path))
    assert found.where.endswith(where)
    assert found.fix
    assert "\n" not in found.what  # neither where nor fix as text
