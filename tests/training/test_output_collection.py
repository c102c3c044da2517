"""What is kept of each judged image: the same forward pass, every domain and class, all workers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from wbcray.data.augment.recipe import Recipe
from wbcray.data.batch import visits
from wbcray.store.cells import CellStore
from wbcray.store.openings import Openings
from wbcray.training.assembly import assemble
from wbcray.training.outputs import sample_evenly
from wbcray.training.runtime import LocalRuntime
from wbcray.training.trial import run_trial

CPU = torch.device("cpu")


def ids(numbers):
    return np.array(numbers, dtype=np.int64)


def test_rare_pairs_are_sampled_whole_and_the_others_alike():
    domains, labels = ids([0] * 12 + [1] * 10), ids([0] * 10 + [1] * 2 + [0] * 10)
    rows = sample_evenly(domains, labels, most=10)
    pairs = list(zip(domains[rows], labels[rows], strict=True))
    assert [pairs.count(pair) for pair in ((0, 0), (0, 1), (1, 0))] == [4, 2, 4]
    assert rows.tolist() == [0, 2, 5, 7, 10, 11, 12, 14, 17, 19]  # from all over each pair


def test_no_more_than_the_most_are_sampled_and_all_where_they_fit():
    domains, labels = ids([0] * 9), ids([0] * 4 + [1] * 5)
    assert sample_evenly(domains, labels, most=9).tolist() == list(range(9))
    assert len(sample_evenly(domains, labels, most=8)) == 8
    assert len(sample_evenly(ids([]), ids([]), most=8)) == 0


@pytest.fixture
def judged(run, settings):
    """Makes network, judge and images for a method."""

    def make(method):
        data, config = run.data("west"), settings.config(method, {})
        train = data.images(data.split.folds[0].train, Recipe())
        parts = assemble(config, data, train, seed=0, runtime=LocalRuntime(CPU))
        return parts.network, parts.judge, train

    return make


def test_outputs_are_those_of_the_forward_pass_that_counts(judged):
    network, judge, images = judged("erm")
    judgement = judge(images, outputs=True)
    outputs = judgement.outputs
    (batch,) = visits(images, len(images), CPU, rank=0, world_size=1)
    with torch.no_grad():
        features, logits = network(batch.images)
    assert np.array_equal(outputs.positions, images.positions)
    assert outputs.probabilities == pytest.approx(logits.softmax(1).numpy(), abs=1e-6)
    assert outputs.features == pytest.approx(features.numpy(), abs=1e-2)
    assert np.array_equal(outputs.counts(domains=3), judgement.counts)


def test_asking_for_outputs_changes_no_count_and_no_loss(judged):
    _, judge, images = judged("erm")
    plain, asked = judge(images), judge(images, outputs=True)
    assert plain.outputs is None
    assert (plain.loss, plain.counts.tolist()) == (asked.loss, asked.counts.tolist())


def test_an_adapting_network_keeps_what_it_said_of_each_domain_in_turn(judged):
    _, judge, images = judged("erm+adaptive_batch")
    judgement = judge(images, outputs=True)
    assert sorted(judgement.outputs.positions) == sorted(images.positions)
    assert np.array_equal(judgement.outputs.counts(domains=3), judgement.counts)
    assert judgement.outputs.sampled.tolist() == list(range(len(images)))


def test_no_outputs_are_kept_of_numbers_that_are_not_finite(judged):
    network, judge, images = judged("erm")
    with torch.no_grad():
        network.head.bias[0] = torch.nan
    assert judge(images, outputs=True).outputs is None


def test_a_held_out_domain_without_labels_has_no_outputs(judged):
    _, judge, images = judged("erm")
    none = replace(
        images, positions=images.positions[:0], labels=images.labels[:0], domains=images.domains[:0]
    )
    assert judge(none, outputs=True).outputs is None


def test_a_trained_cell_keeps_outputs_that_agree_with_its_record(run, settings):
    config = replace(settings, epochs=1).config("erm", {})
    cells = CellStore(run.folder)
    (record,) = run_trial(config, run.data("west"), cells, LocalRuntime(CPU), folds=(0,), seed=0)
    assert np.array_equal(cells.outputs(record).counts(domains=3), record.counts)
    openings = Openings(run.folder)
    counts = openings.open([record], "selected")[record.key]
    held_out = openings.outputs([record])[record.key]
    assert np.array_equal(held_out.counts(domains=3), counts)
    assert {run.catalog.samples[place].domain for place in held_out.positions} == {"west"}
    assert held_out.features.shape == (28, 512)
