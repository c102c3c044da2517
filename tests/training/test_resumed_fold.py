"""A fold that was interrupted: what is taken over, what is not, and what is said of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from wbcray.store import disk
from wbcray.training import fold as module
from wbcray.training.fold import StoppedEarly, train_fold
from wbcray.training.progress import SECONDS_VARIABLE, FoldProgress
from wbcray.training.runtime import LocalRuntime, Verdict

pytestmark = pytest.mark.usefixtures("narrow_network")

CPU = torch.device("cpu")


class KilledError(Exception):
    """What a kill is to a process."""


class Stopping:
    """Answers STOP to the report of the first epoch."""

    device, rank, world_size = CPU, 0, 1

    def wrap(self, learner):
        return learner

    def report(self, report):
        return Verdict.STOP

    def fold_done(self, record):
        pass


@pytest.fixture
def train(run, tmp_path, monkeypatch):
    """Trains fold 0, killed at the report of an epoch, keeping the state of every epoch."""
    torch.set_num_threads(1)
    data = run.data("west")
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    monkeypatch.setattr(disk, "flush", lambda handle: None)

    def trained(config, *, folder="progress", killed_at=None, runtime=None):
        def hear(report):
            if report.epoch == killed_at:
                raise KilledError

        beats = []
        progress = FoldProgress(tmp_path / folder, lambda: beats.append(1), {})
        runtime = runtime or LocalRuntime(CPU, on_report=hear)
        fold = data.split.folds[0]
        try:
            found = train_fold(config, data, fold, seed=0, runtime=runtime, progress=progress)
        except KilledError:
            found = None
        return found, progress, len(beats)

    return trained


def assert_same(found, wanted):
    (result, weights), (other, others) = found, wanted
    assert [one.losses for one in result.reports] == [one.losses for one in other.reports]
    assert np.array_equal(result.counts, other.counts)
    assert all(torch.equal(value, others[name]) for name, value in weights.items())


def test_an_average_and_layers_that_draw_go_on_with_the_same_bits(train, settings):
    drawing = replace(settings, network=replace(settings.network, dropout=0.5))
    config = drawing.config("erm+ema", {})
    wanted, _, _ = train(config, folder="other")
    train(config, killed_at=0)
    found, progress, _ = train(config)
    assert progress.resumed == 1
    assert_same(found, wanted)


def test_a_state_that_does_not_fit_is_remarked_and_training_begins_anew(
    train, settings, monkeypatch
):
    config = settings.config("erm", {})
    wanted, _, whole = train(config, folder="other")
    train(config, killed_at=0)

    def halfway(state, parts, best):
        parts.steps.done, best.epoch = 7, 7
        raise KeyError("learner.method.gone")

    monkeypatch.setattr(module, "put_back", halfway)
    found, progress, beats = train(config)
    assert progress.resumed == 0
    (remark,) = progress.remarks
    assert "the state after 1 epochs is not used" in remark
    assert beats == whole
    assert_same(found, wanted)


def test_whoever_watches_hears_of_every_step_and_every_judged_batch(train, settings, run):
    config = settings.config("erm", {})
    _, _, beats = train(config)
    steps = -(-len(run.splits["west"].folds[0].train) // config.optimizer.batch_size)
    # Validation and held-out images fit in a batch each; both are judged once more at the end.
    assert beats == config.epochs * (steps + 1) + 2


def test_a_fold_whose_patience_was_over_is_trained_no_further(train, settings):
    config = replace(settings, epochs=12, patience=1).config("erm", {"optimizer.lr": 1e-6})
    (wanted, _), _, _ = train(config, folder="other")
    last = len(wanted.reports) - 1
    assert last < 11
    train(config, killed_at=last)
    (found, _), progress, _ = train(config)
    assert progress.resumed == len(found.reports) == last + 1
    assert found.best_epoch == wanted.best_epoch


def test_a_report_that_is_made_again_may_be_answered_with_stop(train, settings):
    config = settings.config("erm", {})
    train(config, killed_at=0)
    with pytest.raises(StoppedEarly):
        train(config, runtime=Stopping())
