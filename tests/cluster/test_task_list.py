"""What a comparison starts, and what a stopped method does not get any more."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from driving import last_report, plan_for
from ray.tune.experiment import Trial
from ray.tune.search import Searcher

from wbcray.cluster.gate import GatedFIFO
from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.cluster.task_list import TaskList
from wbcray.core.errors import DataError, InfeasibleError
from wbcray.store.cells import CellStore


@pytest.fixture
def tasks(tmp_path, settings):
    """Two tasks of each of two methods."""
    found = []
    for number in range(2):
        for method in ("erm", "dann"):
            plan = plan_for(tmp_path / "run", settings, method=method)
            task = plan.task(plan.asked(number, {}))
            found.append(replace(task, seed=number, label=f"{method} {number}"))
    return found


def crash(supervisor, task, *, times=3):
    supervisor.started(task)
    for _ in range(times):
        CellStore(Path(task.run)).begin(task.cells[0]).end("FAILED", "KeyError: 'x'")
    supervisor.crashed(task, KeyError("x"))


def test_a_stopped_methods_cells_are_left_out_and_the_others_go_on(tasks):
    supervisor = Supervisor(Path(tasks[0].run), Terms())
    listed = TaskList(tasks, supervisor)
    assert listed.suggest("a")["task"]["label"] == "erm 0"
    crash(supervisor, tasks[0])
    listed.on_trial_complete("a", error=True)
    assert listed.suggest("b")["task"]["label"] == "dann 0"
    assert listed.suggest("c")["task"]["label"] == "dann 1"
    assert listed.suggest("d") == Searcher.FINISHED
    assert set(listed.failed) == {"erm 0", "erm 1"}
    assert listed.failed["erm 1"].startswith("not started: KeyError")


def test_only_endings_without_a_result_are_failures(tasks):
    listed = TaskList(tasks, Supervisor(Path(tasks[0].run), Terms()))
    errors = {"a": None, "b": InfeasibleError("not finite"), "c": DataError("no file", where="x")}
    for name, error in errors.items():
        listed.suggest(name)
        listed.on_trial_complete(name, last_report(0.5, error=error))
    assert listed.failed == {"dann 0": "not finite", "erm 1": "no file\n  where: x"}


def test_nothing_is_handed_out_after_an_interruption(tasks):
    supervisor = Supervisor(Path(tasks[0].run), Terms(interrupted=lambda: True))
    listed = TaskList(tasks, supervisor)
    assert listed.suggest("a") == Searcher.FINISHED
    assert listed.failed == {}
    with pytest.raises(KeyboardInterrupt):
        supervisor.raise_if_over()


def test_a_crashed_trial_of_a_stopped_method_is_not_started_again(tasks):
    """Ray puts it among those that wait."""
    waiting = [Mock(spec=Trial) for _ in range(2)]
    for trial, task in zip(waiting, tasks, strict=False):
        trial.status, trial.config = "PENDING", {"task": task.as_json()}
    ended = []

    def stop(trial):
        ended.append(trial)
        trial.status = "TERMINATED"

    controller = SimpleNamespace(get_trials=lambda: waiting, stop_trial=stop)
    scheduler = GatedFIFO()
    scheduler.supervisor = Supervisor(Path(tasks[0].run), Terms())
    assert scheduler.choose_trial_to_run(controller) is waiting[0]
    crash(scheduler.supervisor, tasks[0])
    assert scheduler.choose_trial_to_run(controller) is waiting[1]
    assert ended == [waiting[0]]
