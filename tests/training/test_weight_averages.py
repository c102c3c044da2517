"""Weight averages within a training: what epochs are judged with, and what is kept."""

from dataclasses import replace

import pytest
import torch

from wbcray.store.cells import CellStore
from wbcray.training.checkpoint import read_weights
from wbcray.training.runtime import LocalRuntime
from wbcray.training.trial import run_trial

pytestmark = pytest.mark.usefixtures("narrow_network")

CPU = torch.device("cpu")


@pytest.fixture
def trained(run, settings):
    """Trains fold 0 of a method; gives the record and the kept weights."""

    def train(method, **changes):
        config = replace(settings, epochs=3).config(method, changes)
        torch.set_num_threads(1)
        cells = CellStore(run.folder)
        data = run.data("west")
        (record,) = run_trial(config, data, cells, LocalRuntime(CPU), folds=(0,), seed=0)
        return record, read_weights(cells.weights_folder(record))

    return train


def losses(record):
    return [report.losses["total"] for report in record.reports]


def test_an_average_never_moves_the_network_that_is_trained(trained):
    plain, _ = trained("erm")
    for method in ("erm+ema", "swad"):
        averaged, _ = trained(method)
        assert losses(averaged) == losses(plain)


def test_what_is_kept_is_not_what_was_trained_last(trained):
    _, plain = trained("erm")
    for method in ("erm+ema", "swad"):
        _, averaged = trained(method)
        assert averaged.keys() == plain.keys()
        assert not torch.equal(averaged["head.weight"], plain["head.weight"])


def test_a_moving_average_without_memory_is_the_network_itself(trained):
    _, plain = trained("erm")
    _, averaged = trained("erm+ema", **{"finish.decay": 0.0, "finish.start": 0.0})
    for name, value in plain.items():
        torch.testing.assert_close(averaged[name], value)


def test_statistics_of_batch_norm_belong_to_the_averaged_weights(trained):
    """SWAD's are estimated anew on the training images: neither 0 and 1 nor those of a step."""
    _, plain = trained("erm")
    _, averaged = trained("swad")
    mean = averaged["backbone.bn1.running_mean"]
    assert not torch.equal(mean, plain["backbone.bn1.running_mean"])
    assert mean.abs().max() > 0


def test_a_kept_network_makes_the_counts_of_its_record(trained, run):
    from wbcray.data.augment.recipe import Recipe
    from wbcray.methods.method import build_normalization
    from wbcray.training.assembly import make_learner
    from wbcray.training.judgement import Judge

    record, weights = trained("swad")
    config, data = record.config, run.data("west")
    normalization = build_normalization(config.method)
    images = data.images(data.split.folds[0].validation, Recipe())
    learner, _ = make_learner(config, data, images, normalization, seed=0)
    learner.network.load_state_dict(weights)
    judge = Judge(
        learner.network,
        normalization,
        LocalRuntime(CPU),
        domains=data.domains,
        precision=config.precision,
    )
    assert (judge(images).counts == record.counts).all()
