"""A trial from split to records, on a laptop."""

import json

import numpy as np
import pytest
import torch

from wbcray.core.errors import StoreError
from wbcray.core.result import SealedCounts
from wbcray.data.augment.recipe import Recipe
from wbcray.methods.method import build_normalization
from wbcray.store.cell import CellKey
from wbcray.store.cells import CellStore
from wbcray.training.assembly import make_learner
from wbcray.training.checkpoint import read_weights
from wbcray.training.fold import StoppedEarly
from wbcray.training.objective import Objective
from wbcray.training.runtime import LocalRuntime, Verdict
from wbcray.training.trial import run_trial

pytestmark = pytest.mark.usefixtures("narrow_network")

CPU = torch.device("cpu")
POSTER = ("erm", "dann", "coral", "boda", "boda_plus")


def train(run, config, *, folds=(0,), seed=0, runtime=None):
    runtime = runtime or LocalRuntime(CPU)
    return run_trial(
        config, run.data("west"), CellStore(run.folder), runtime, folds=folds, seed=seed
    )


class TakenOver(LocalRuntime):
    """A runtime under which another worker takes the cell up before the first report."""

    def __init__(self, cells, key):
        super().__init__(CPU)
        self.cells, self.key, self.left = cells, key, None

    def report(self, report):
        if self.left is None:
            self.cells.begin(self.key)
            self.left = self.cells.progress_folder(self.key) / "epoch-0001.json"
            self.left.parent.mkdir()
            self.left.write_text("the other's")
        return super().report(report)


def test_a_worker_that_comes_late_leaves_the_state_of_the_other_alone(run, settings):
    config = settings.config("erm", {})
    key = CellKey(config=config.digest, held_out="west", fold=0, seed=0)
    runtime = TakenOver(CellStore(run.folder), key)
    with pytest.raises(StoreError):
        train(run, config, runtime=runtime)
    assert runtime.left.read_text() == "the other's"


@pytest.mark.parametrize("method", POSTER)
def test_every_method_of_the_poster_trains_and_is_recorded(run, settings, method):
    (record,) = train(run, settings.config(method, {}))
    assert record.counts.sum() == len(run.splits["west"].folds[0].validation)
    assert len(record.reports) == 2
    assert all(np.isfinite(list(report.losses.values())).all() for report in record.reports)


def test_validation_counts_hold_nothing_of_the_held_out_domain(run, settings):
    (record,) = train(run, settings.config("erm", {}))
    west = run.catalog.domains.index("west")
    assert record.counts[west].sum() == 0
    assert all(report.counts[west].sum() == 0 for report in record.reports)


def test_sealed_counts_are_of_the_held_out_domain_alone(run, settings):
    (record,) = train(run, settings.config("erm", {}))
    counts = CellStore(run.folder).sealed_counts(record).reveal()
    assert counts.sum(axis=(1, 2)).tolist() == [0, 0, 28]


def test_a_recorded_fold_is_replayed_and_not_trained(run, settings):
    config = settings.config("erm", {})
    first = train(run, config)
    again = LocalRuntime(CPU)
    second = train(run, config, runtime=again)
    assert second[0].attempt == first[0].attempt == 1
    assert [report.losses for report in again.reports] == [r.losses for r in first[0].reports]


def test_a_fold_alone_equals_the_same_fold_after_another(run, settings, tmp_path):
    config = settings.config("dann", {})
    both = train(run, config, folds=(0, 1))
    CellStore(run.folder)
    alone = run_trial(
        config, run.data("west"), CellStore(tmp_path), LocalRuntime(CPU), folds=(1,), seed=0
    )
    assert alone[0].reports[-1].losses == both[1].reports[-1].losses


def test_networks_of_one_fold_start_alike_under_every_method(run, settings):
    data = run.data("west")
    images = data.images(data.split.folds[0].train, Recipe())

    def start(method):
        config = settings.config(method, {})
        learner, _ = make_learner(config, data, images, build_normalization(config.method), seed=3)
        return learner.network.state_dict()

    plain = start("erm")
    for method in ("dann", "coral", "boda"):
        assert all(torch.equal(plain[name], tensor) for name, tensor in start(method).items())


def test_another_seed_gives_another_network(run, settings):
    config = settings.config("erm", {})
    losses = {train(run, config, seed=seed)[0].reports[0].losses["risk"] for seed in (0, 1)}
    assert len(losses) == 2


class StopAt:
    """A runtime that answers STOP to a chosen report."""

    device, rank, world_size = CPU, 0, 1

    def __init__(self, report):
        self.left = report

    def wrap(self, learner):
        return learner

    def report(self, report):
        self.left -= 1
        return Verdict.STOP if self.left == 0 else Verdict.GO_ON

    def fold_done(self, record):
        pass


def test_a_stopped_trial_keeps_its_finished_folds_and_nothing_else(run, settings):
    config = settings.config("erm", {})
    with pytest.raises(StoppedEarly):
        train(run, config, folds=(0, 1), runtime=StopAt(3))
    found = [
        CellStore(run.folder).find(
            CellKey(config=config.digest, held_out="west", fold=fold, seed=0)
        )
        for fold in (0, 1)
    ]
    assert found[0] is not None
    assert found[1] is None


def test_the_checkpoint_holds_the_weights_that_were_judged(run, settings):
    config = settings.config("erm", {})
    (record,) = train(run, config)
    folder = CellStore(run.folder).weights_folder(record)
    assert read_weights(folder)["head.weight"].shape == (3, 64)
    assert json.loads((folder / "weights.json").read_text())["sha256"] == record.weights


def test_patience_ends_a_fold_after_epochs_without_gain(project, settings, run):
    from dataclasses import replace

    patient = replace(settings, epochs=12, patience=1)
    (record,) = train(run, patient.config("erm", {"optimizer.lr": 1e-6}))
    assert len(record.reports) == record.best_epoch + 2 < 12


def test_the_objective_averages_finished_folds_and_the_best_epoch_so_far():
    from wbcray.core.result import EpochReport

    def report(fold, epoch, right):
        counts = np.zeros((1, 2, 2), dtype=np.int64)
        counts[0] = [[right, 10 - right], [10 - right, right]]
        fields = {"losses": {}, "learning_rate": 0.1, "seconds": 1.0}
        return EpochReport(fold=fold, epoch=epoch, counts=counts, **fields)

    objective = Objective(epochs=3)
    assert objective.after_epoch(report(0, 0, 8)) == pytest.approx(0.8)
    assert objective.after_epoch(report(0, 1, 6)) == pytest.approx(0.8)
    objective.after_fold(report(0, 1, 9).counts)
    assert objective.after_epoch(report(1, 0, 5)) == pytest.approx((0.9 + 0.5) / 2)
    assert objective.budget == 4


def test_the_objective_cannot_be_given_sealed_counts(run, settings):
    objective = Objective(epochs=2)
    with pytest.raises(Exception, match="SealedCounts"):
        objective.after_fold(SealedCounts(np.zeros((1, 2, 2), dtype=np.int64)))
