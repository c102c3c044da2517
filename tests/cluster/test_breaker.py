"""The circuit breaker: what counts as the same failure, and whose fault it is."""

from dataclasses import replace
from pathlib import Path

import pytest
from driving import plan_for

from wbcray.cluster.breaker import Breaker
from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.store.cells import CellStore


@pytest.fixture
def task(tmp_path, settings):
    """A task of two folds, and the number that makes another of it."""
    plan = plan_for(tmp_path / "run", settings)

    def make(number=0):
        found = plan.task(plan.asked(number, {"optimizer.lr": 1e-3 + number * 1e-5}))
        return replace(found, label=f"trial {number}")

    return make


@pytest.fixture
def store(task):
    return CellStore(Path(task().run))


def fail(store, task, reason, *, state="FAILED", fold=0):
    store.begin(task.cells[fold]).end(state, reason)


def test_three_failures_alike_stop_a_method_whatever_the_numbers_in_them(task, store):
    breaker = Breaker(store)
    for number in range(3):
        breaker.begin(task(number))
        fail(store, task(number), f"ValueError: row {number} of 0x{number}f has 1.{number}e-3")
        assert not breaker.trips
        breaker.look(task(number))
    (trip,) = breaker.trips
    assert (trip.method, trip.times) == ("erm", 3)
    assert trip.reason.startswith("ValueError: row 2")
    assert "run the same command again" in str(trip)


def test_what_ray_starts_again_by_itself_counts(task, store):
    breaker = Breaker(store)
    breaker.begin(task())
    for _ in range(3):
        fail(store, task(), "KeyError: 'x'")
    breaker.look(task())
    assert breaker.trip_of("erm")


def test_an_attempt_counts_once_however_often_one_looks(task, store):
    breaker = Breaker(store)
    breaker.begin(task())
    fail(store, task(), "KeyError: 'x'")
    for _ in range(5):
        breaker.look(task())
    assert not breaker.trips


def test_different_failures_are_no_pattern(task, store):
    breaker = Breaker(store)
    breaker.begin(task())
    for kind in ("KeyError", "ValueError", "TypeError"):
        fail(store, task(), f"{kind}: x")
    breaker.look(task())
    assert not breaker.trips


def test_failures_of_an_earlier_sitting_are_forgiven(task, store):
    for _ in range(3):
        fail(store, task(), "KeyError: 'x'")
    breaker = Breaker(store)
    breaker.begin(task())
    breaker.look(task())
    assert not breaker.trips


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("INFEASIBLE", "the loss 'total' is not finite"),
        ("STOPPED", "stopped early"),
        ("FAILED", "OutOfMemoryError: CUDA out of memory"),
    ],
)
def test_a_configuration_at_fault_does_not_stop_its_method(task, store, state, reason):
    breaker = Breaker(store)
    for number in range(4):
        breaker.begin(task(number))
        fail(store, task(number), reason, state=state)
        breaker.look(task(number))
    assert not breaker.trips


def test_lost_workers_are_nobodys_fault_until_one_cell_loses_three(task, store):
    breaker = Breaker(store)
    for number in range(4):
        breaker.begin(task(number))
        fail(store, task(number), "the worker's process is gone", state="LOST")
        breaker.look(task(number))
    assert not breaker.trips
    for _ in range(2):
        fail(store, task(3), "the worker's process is gone", state="LOST")
        breaker.look(task(3))
    assert breaker.trip_of("erm")


def test_another_method_goes_on(task, store):
    supervisor = Supervisor(Path(task().run), Terms())
    for number in range(3):
        supervisor.started(task(number))
        fail(store, task(number), "KeyError: 'x'")
        supervisor.crashed(task(number), KeyError("x"))
    assert not supervisor.may_start("erm")
    assert supervisor.may_start("dann")


def test_a_crash_before_any_cell_was_taken_up_counts(task):
    said = []
    supervisor = Supervisor(Path(task().run), Terms(remark=said.append))
    for number in range(3):
        supervisor.started(task(number))
        supervisor.crashed(task(number), ImportError("no module named x"))
    assert not supervisor.may_start("erm")
    assert [line for line in said if "ImportError: no module named x" in line]


def test_a_dead_worker_leaves_its_attempt_lost_and_not_open(task, store):
    supervisor = Supervisor(Path(task().run), Terms())
    supervisor.started(task())
    lease = store.begin(task().cells[0])
    assert "gone (OSError)" in supervisor.crashed(task(), OSError())
    lease.end("FAILED", "too late")
    (attempt,) = store.attempts(task().cells[0])
    assert (attempt.state, attempt.reason) == ("LOST", "the worker's process is gone (OSError)")


def test_the_last_reason_is_known_to_whoever_does_not_see_the_error(task):
    supervisor = Supervisor(Path(task().run), Terms())
    supervisor.started(task())
    supervisor.crashed(task(), ImportError("no module named x"))
    assert supervisor.crashed(task()) == "ImportError: no module named x"
