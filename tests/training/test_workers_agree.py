"""Two workers on the same global batches compute what one computes (gloo, no Ray)."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.distributed as dist
from two_workers import run_two

from wbcray.store.cell import CellKey
from wbcray.store.cells import CellStore
from wbcray.training.collective import rank, world_size, wrap
from wbcray.training.fold import train_fold
from wbcray.training.open_run import load_run
from wbcray.training.progress import SECONDS_VARIABLE, FoldProgress
from wbcray.training.runtime import LocalRuntime, Verdict
from wbcray.training.trial import run_trial

CPU = torch.device("cpu")


class GlooRuntime:
    """A worker of a plain torch.distributed group."""

    device = CPU

    def __init__(self):
        self.rank, self.world_size = rank(), world_size()

    def wrap(self, learner):
        return wrap(learner, CPU)

    def report(self, report):
        return Verdict.GO_ON

    def fold_done(self, record):
        pass


def work(number, workers, folder, config, meeting):
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=number, world_size=workers
    )
    run = load_run(folder)
    cells = CellStore(folder / "two-workers")
    run_trial(config, run.data("west"), cells, GlooRuntime(), folds=(0,), seed=0)
    dist.destroy_process_group()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dann", "boda_plus"])
def test_two_workers_report_the_losses_of_one(run, settings, tmp_path, method):
    # Adam divides by the gradient's size, so rounding grows with the learning rate: keep it small.
    config = replace(settings, epochs=2).config(method, {"optimizer.lr": 1e-5})
    torch.set_num_threads(1)
    (one,) = run_trial(
        config, run.data("west"), CellStore(run.folder), LocalRuntime(CPU), folds=(0,), seed=0
    )
    run_two(work, (2, run.folder, config, tmp_path / "meeting"))
    key = CellKey(config=config.digest, held_out="west", fold=0, seed=0)
    two = CellStore(run.folder / "two-workers").find(key)
    for alone, together in zip(one.reports, two.reports, strict=True):
        assert together.losses == pytest.approx(alone.losses, rel=1e-4)
    assert two.counts.sum() == one.counts.sum()


class Dying(GlooRuntime):
    """A worker that dies with the others when the first epoch is reported."""

    def report(self, report):
        raise KeyboardInterrupt


def interrupted(number, workers, folder, config, meeting):
    torch.set_num_threads(1)
    os.environ[SECONDS_VARIABLE] = "0"
    dist.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=number, world_size=workers
    )
    data = load_run(folder).data("west")

    def train(runtime, progress):
        fold = data.split.folds[0]
        return train_fold(config, data, fold, seed=0, runtime=runtime, progress=progress)

    def progress():
        return FoldProgress(meeting.parent / "progress", lambda: None, {})

    wanted, weights = train(GlooRuntime(), FoldProgress.none())
    with pytest.raises(KeyboardInterrupt):
        train(Dying(), progress())
    resumed = progress()
    found, resumed_weights = train(GlooRuntime(), resumed)
    assert resumed.resumed == 1
    assert [one.losses for one in found.reports] == [one.losses for one in wanted.reports]
    assert np.array_equal(found.counts, wanted.counts)
    assert all(torch.equal(value, resumed_weights[name]) for name, value in weights.items())
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_interrupted_workers_go_on_together_with_the_same_bits(run, settings, tmp_path):
    config = replace(settings, epochs=2).config("dann", {})
    # What a worker asserts and does not find, spawn raises here.
    run_two(interrupted, (2, run.folder, config, tmp_path / "meeting"))
