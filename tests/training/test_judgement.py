"""How a network is judged: counts, losses, and statistics of the domain that is judged."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from wbcray.data.augment.recipe import Recipe
from wbcray.data.batch import visits
from wbcray.methods.method import build_normalization
from wbcray.training.assembly import make_learner
from wbcray.training.judgement import Judge
from wbcray.training.runtime import LocalRuntime

CPU = torch.device("cpu")


@pytest.fixture
def judged(run, settings):
    """Makes network, judge and images for a method."""

    def make(method):
        data = run.data("west")
        config = settings.config(method, {})
        normalization = build_normalization(config.method)
        train = data.images(data.split.folds[0].train, Recipe())
        learner, _ = make_learner(config, data, train, normalization, seed=0)
        judge = Judge(
            learner.network,
            normalization,
            LocalRuntime(CPU),
            domains=data.domains,
            precision="float32",
        )
        return learner.network, judge, train

    return make


def buffers(network):
    return {name: value.clone() for name, value in network.named_buffers()}


def test_every_image_is_counted_once_in_its_domain_and_class(judged):
    _, judge, images = judged("erm")
    counts = judge(images).counts
    assert counts.sum() == len(images)
    for domain in np.unique(images.domains):
        own = images.domains == domain
        expected = np.bincount(images.labels[own], minlength=counts.shape[1])
        assert np.array_equal(counts[domain].sum(1), expected)


def test_the_loss_is_the_mean_cross_entropy_over_all_images(judged):
    network, judge, images = judged("erm")
    loss = judge(images).loss
    (batch,) = visits(images, len(images), CPU, rank=0, world_size=1)
    with torch.no_grad():
        _, logits = network(batch.images)
    assert loss == pytest.approx(torch.nn.functional.cross_entropy(logits, batch.labels).item())


def test_an_adapting_network_has_its_own_statistics_again_afterwards(judged):
    network, judge, images = judged("erm+adaptive_batch")
    before = buffers(network)
    judge(images)
    assert all(torch.equal(before[name], value) for name, value in network.named_buffers())


def test_a_domain_is_judged_by_its_own_images_whatever_is_judged_beside_it(judged):
    _, judge, images = judged("erm+adaptive_batch")
    together = judge(images).counts
    for domain in np.unique(images.domains):
        own = images.domains == domain
        alone = replace(
            images,
            positions=images.positions[own],
            labels=images.labels[own],
            domains=images.domains[own],
        )
        assert np.array_equal(judge(alone).counts[domain], together[domain])


def test_adapting_uses_no_label(judged):
    _, judge, images = judged("erm+adaptive_batch")
    wrong = replace(images, labels=(images.labels + 1) % 3)
    predicted, predicted_again = (judge(some).counts.sum(1) for some in (images, wrong))
    assert np.array_equal(predicted, predicted_again)


def test_adapting_changes_what_is_predicted_of_a_shifted_domain(judged):
    """Untrained statistics say mean 0 and variance 1; those of the images do not."""
    adapting, plain = judged("erm+adaptive_batch"), judged("erm")
    losses = [judge(images).loss for _, judge, images in (adapting, plain)]
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


def test_with_all_of_training_kept_adapting_is_batch_norm(judged):
    _, kept, images = judged("erm+adaptive_batch+normalization.training_share=1.0")
    _, plain, _ = judged("erm+normalization=batch")
    assert np.array_equal(kept(images).counts, plain(images).counts)
