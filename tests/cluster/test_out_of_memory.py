"""Memory that runs out: tried once more, then the configuration is at fault, for good."""

from pathlib import Path

import pytest
import torch
from driving import plan_for

from wbcray.cluster import run_task as module
from wbcray.cluster.cell_attempts import refuse_infeasible
from wbcray.cluster.comparison import without_infeasible
from wbcray.cluster.ending import TaskEnding
from wbcray.cluster.failures import OUT_OF_MEMORY, is_full_disk, is_out_of_memory, tells_of_memory
from wbcray.cluster.run_task import run_task
from wbcray.core.errors import InfeasibleError, ResourceError
from wbcray.store.cells import CellStore
from wbcray.training.runtime import LocalRuntime


@pytest.fixture
def task(run, settings):
    plan = plan_for(run.folder, settings)
    return plan.task(plan.asked(0, {}))


def drive(task):
    """Run a task in this process; how it ended, by its last report."""
    reports = []
    run_task(task, reports.append, lambda report, objective: LocalRuntime())
    return TaskEnding.from_metrics(reports[-1])


def failing(monkeypatch, task, error):
    """Let every training raise `error` once it has taken up its cell."""

    def train(config, data, cells, runtime, *, folds, seed):
        lease = cells.begin(task.cells[folds[0]])
        if not isinstance(error, ResourceError):
            lease.end("FAILED", f"{type(error).__name__}: {error}")
        raise error

    monkeypatch.setattr(module, "run_trial", train)


ALLOCATOR = RuntimeError(
    "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"
)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), MemoryError(), ALLOCATOR])
def test_memory_may_run_out_once_and_not_twice(monkeypatch, task, error):
    failing(monkeypatch, task, error)
    with pytest.raises(type(error)):
        drive(task)
    last = drive(task)
    assert last.state == "INFEASIBLE"
    assert "out of memory twice" in last.what
    states = [one.state for one in CellStore(_run(task)).attempts(task.cells[0])]
    assert states == ["FAILED", "FAILED", "INFEASIBLE"]


def test_a_worker_that_the_memory_monitor_ended_counts_like_one_that_said_so(task):
    cells = CellStore(_run(task))
    for _ in range(2):
        cells.begin(task.cells[1]).end("FAILED", OUT_OF_MEMORY)
    with pytest.raises(InfeasibleError, match="out of memory twice"):
        refuse_infeasible(task, write=True)
    assert cells.attempts(task.cells[1])[-1].state == "INFEASIBLE"


def test_an_infeasible_configuration_is_not_trained_again(monkeypatch, task):
    CellStore(_run(task)).begin(task.cells[0]).end("INFEASIBLE", "the loss is not finite")
    monkeypatch.setattr(module, "run_trial", lambda *_, **__: pytest.fail("it was trained"))
    last = drive(task)
    assert (last.state, last.what) == ("INFEASIBLE", "the loss is not finite")


def test_a_comparison_leaves_out_infeasible_cells_and_says_why(task):
    CellStore(_run(task)).begin(task.cells[0]).end("INFEASIBLE", "the loss is not finite")
    assert without_infeasible([task]) == ([], {task.label: "infeasible: the loss is not finite"})


def test_other_crashes_are_left_to_ray(monkeypatch, task):
    failing(monkeypatch, task, KeyError("x"))
    for _ in range(3):
        with pytest.raises(KeyError):
            drive(task)


def test_a_full_disk_is_said_with_its_place(monkeypatch, task):
    error = ResourceError("cannot write", where="/runs/main")
    error.__cause__ = OSError(28, "No space left on device")
    failing(monkeypatch, task, error)
    last = drive(task)
    assert (last.state, last.what, last.where) == ("FAILED", "the disk is full", "/runs/main")


def test_a_full_disk_that_the_system_alone_tells_of_is_said_too(monkeypatch, task):
    failing(monkeypatch, task, OSError(28, "No space left on device"))
    last = drive(task)
    assert (last.code, last.what) == (ResourceError.code, "the disk is full")
    assert "No space left on device" in last.where


def test_what_the_machine_refuses_is_no_fault_of_the_configuration(monkeypatch, task):
    failing(monkeypatch, task, ResourceError("cannot read", where="/runs/main", fix="mend it"))
    last = drive(task)
    assert (last.code, last.what, last.where, last.fix) == (
        ResourceError.code,
        "cannot read",
        "/runs/main",
        "mend it",
    )


def test_what_ray_tells_of_a_worker_is_understood():
    killed = type("OutOfMemoryError", (Exception,), {})("the node is low on memory")
    told = RuntimeError("a worker failed")
    told.cause = killed
    assert is_out_of_memory(told)
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert tells_of_memory(f"{type(ALLOCATOR).__name__}: {ALLOCATOR}")
    assert not tells_of_memory("ValueError: memory")
    assert not is_full_disk(OSError(5, "I/O error"))


def _run(task):
    return Path(task.run)
