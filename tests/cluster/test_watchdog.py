"""Hung workers, crashed ones, and those that wait for resources, by a clock of our own."""

import errno
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from driving import plan_for

from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.cluster.watchdog import Watchdog, end_process
from wbcray.core.errors import ResourceError
from wbcray.store.cells import CellStore


class Clock:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def watched(tmp_path, settings):
    """A running trial under a watchdog with a minute's patience."""
    plan = plan_for(tmp_path / "run", settings)
    task = plan.task(plan.asked(0, {}))
    trial = SimpleNamespace(
        trial_id="a",
        status="RUNNING",
        config={"task": task.as_json()},
        last_result={},
        temporary_state=SimpleNamespace(ray_actor="actor"),
        placement_group_factory=SimpleNamespace(required_resources={"CPU": 1.0}),
    )
    said, killed, clock = [], [], Clock()
    supervisor = Supervisor(Path(task.run), Terms(remark=said.append, stall_seconds=60.0))
    dog = Watchdog(supervisor, clock=clock, kill=lambda actor, pids: killed.append((actor, pids)))
    dog.on_trial_start(trial=trial)
    return SimpleNamespace(
        dog=dog, trial=trial, task=task, clock=clock, said=said, killed=killed,
        cells=CellStore(Path(task.run)), supervisor=supervisor,
    )  # fmt: skip


def wait(watched, seconds, *, step=5):
    for _ in range(0, seconds, step):
        watched.clock.now += step
        watched.dog.on_step_end(trials=[watched.trial])


def test_a_worker_without_progress_is_ended_and_its_attempt_given_up(watched):
    lease = watched.cells.begin(watched.task.cells[0])
    lease.beat()
    wait(watched, 55)
    assert not watched.killed
    wait(watched, 20)
    assert watched.killed == [("actor", [os.getpid()])]
    (attempt,) = watched.cells.attempts(watched.task.cells[0])
    assert attempt.state == "LOST"
    assert attempt.reason.startswith("no progress for 6")
    assert "no progress" in watched.said[-1]


def test_a_worker_that_beats_is_left_alone(watched):
    folder = Path(watched.task.run) / "cells" / watched.task.cells[0].folder
    watched.cells.begin(watched.task.cells[0])
    for beat in range(40):
        (folder / "beat-001").write_text(str(beat))
        wait(watched, 10)
    assert not watched.killed


def test_nobody_is_hung_while_the_files_of_the_run_do_not_answer(watched, monkeypatch):
    """Patience begins anew with the first look that is answered."""
    watched.cells.begin(watched.task.cells[0]).beat()
    with monkeypatch.context() as outage:
        outage.setattr(Path, "exists", refused)
        outage.setattr(Path, "glob", refused)
        wait(watched, 300)
    assert watched.killed == []
    wait(watched, 55)
    assert watched.killed == []
    wait(watched, 15)
    assert len(watched.killed) == 1


def test_a_crash_while_the_files_do_not_answer_ends_the_sitting_in_order(watched, monkeypatch):
    watched.cells.begin(watched.task.cells[0])
    with monkeypatch.context() as outage:
        outage.setattr(Path, "exists", refused)
        outage.setattr(Path, "glob", refused)
        watched.trial.get_pickled_error = lambda: RuntimeError("boom")
        watched.dog.on_trial_recover(trial=watched.trial)
    with pytest.raises(ResourceError, match="the run's files cannot be looked at: Input/output"):
        watched.supervisor.raise_if_over()


def refused(*arguments, **options):
    raise OSError(errno.EIO, "Input/output error")


def test_a_report_counts_as_progress(watched):
    watched.cells.begin(watched.task.cells[0])
    for epoch in range(40):
        watched.trial.last_result = {"training_iteration": epoch}
        wait(watched, 10)
    assert not watched.killed


def test_a_worker_that_has_not_begun_gets_four_times_as_long(watched):
    wait(watched, 235)
    assert not watched.killed
    wait(watched, 20)
    assert watched.killed == [("actor", [])]


def test_a_trial_that_is_started_again_gets_its_whole_time_again(watched):
    watched.cells.begin(watched.task.cells[0])
    wait(watched, 50)
    watched.dog.on_trial_start(trial=watched.trial)
    wait(watched, 50)
    assert not watched.killed


def test_why_nothing_runs_is_said_once_and_with_numbers(watched, monkeypatch):
    monkeypatch.setattr("ray.available_resources", dict)
    monkeypatch.setattr("ray.cluster_resources", lambda: {"CPU": 2.0})
    watched.trial.status = "PENDING"
    wait(watched, 115)
    assert not watched.said
    wait(watched, 300)
    (line,) = watched.said
    assert line.startswith("waiting for resources: a trial needs 1 CPU, Ray has 0 of 2 CPU")


def test_a_stopped_process_is_ended_by_the_system():
    """It does not hear Ray."""
    sleep = "import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", sleep, "ray::trial"])
    process.send_signal(signal.SIGSTOP)
    end_process(None, [process.pid])
    assert process.wait(10) == -signal.SIGKILL


def test_a_process_that_is_not_rays_is_left_alone():
    sleep = "import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", sleep, "wbcray", "tune"])
    end_process(None, [process.pid])
    assert process.poll() is None
    process.kill()
    process.wait()


def test_nothing_that_watches_is_pickled(watched):
    assert pickle.loads(pickle.dumps(watched.dog))._supervisor is None  # noqa: S301  # our own bytes
