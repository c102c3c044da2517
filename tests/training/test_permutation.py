"""Shuffled labels: a leak that was planted is found, and data without one are at chance."""

from collections import Counter
from dataclasses import replace
from math import log

import pytest

from wbcray.core.sample import Catalog, Sample
from wbcray.core.split import Fold
from wbcray.metrics.chance import RightByChance, against_chance
from wbcray.training.permutation import (
    PermutationCheck,
    Shuffle,
    memorising,
    shuffled,
    train_shuffled,
)


@pytest.fixture(scope="module")
def config():
    """Learns some 30 images of the generated cells by heart in a few seconds."""
    config = memorising(image_size=32, epochs=8)
    return replace(config, optimizer=replace(config.optimizer, batch_size=8))


def catalog_of(labels):
    samples = [
        Sample(path=f"{number}.png", label=label, domain=domain)
        for domain, names in labels.items()
        for number, label in enumerate(names)
    ]
    return Catalog(samples=tuple(samples), classes=("a", "b"), domains=tuple(labels))


def test_labels_are_shuffled_within_their_domain_and_nothing_else_changes():
    labels = {"north": ["a"] * 20 + ["b"] * 10, "south": ["b"] * 12 + [None] * 5}
    catalog = catalog_of(labels)
    found = shuffled(catalog, seed=0)
    assert [s.label for s in found.samples] != [s.label for s in catalog.samples]
    for before, after in zip(catalog.samples, found.samples, strict=True):
        assert replace(after, label=before.label) == before
        assert (after.label is None) == (before.label is None)
    for domain, names in labels.items():
        assert Counter(s.label for s in found.samples if s.domain == domain) == Counter(names)


def test_each_shuffle_is_another_and_comes_back_with_its_seed():
    catalog = catalog_of({"north": ["a", "b"] * 10})
    assert shuffled(catalog, seed=1) == shuffled(catalog, seed=1) != shuffled(catalog, seed=2)


@pytest.mark.slow
def test_clean_data_are_at_chance(run, config):
    data = run.data("west")
    found = train_shuffled(config, data, data.split.folds[0], seed=0)
    check = PermutationCheck(shuffles=(found,))
    assert check.verdict == "at chance"
    assert check.learnt < 0.5  # so that it could have been another
    assert found.right.images == len(data.split.folds[0].validation)
    assert found.first_loss == pytest.approx(log(3), abs=0.4)  # of three classes, nothing learnt


@pytest.mark.slow
def test_validation_images_in_training_are_found(run, config):
    data = run.data("west")
    fold = data.split.folds[0]
    train = fold.train[:4] + fold.validation
    broken = Fold(number=0, train=train, validation=fold.validation)
    found = against_chance([train_shuffled(config, data, broken, seed=0).right])
    assert found.verdict == "above chance"
    assert found.z > 3


def test_where_training_labels_were_not_learnt_nothing_can_be_told():
    shuffle = Shuffle(
        held_out="west",
        fold=0,
        right=RightByChance(images=100, right=41, mean=40.0, variance=20.0),
        first_loss=1.0,
        last_loss=0.9,
        seconds=1.0,
    )
    check = PermutationCheck(shuffles=(shuffle,))
    assert check.against_chance.verdict == "at chance"
    assert check.verdict == "cannot tell"


def test_the_held_out_images_are_not_judged(run, config, monkeypatch):
    judged = []

    def train(_config, data, fold, **_):
        judged.append((data.split.test, fold))
        raise RuntimeError

    monkeypatch.setattr("wbcray.training.permutation.train_fold", train)
    data = run.data("west")
    with pytest.raises(RuntimeError):
        train_shuffled(config, data, data.split.folds[0], seed=0)
    assert judged == [((), data.split.folds[0])]


def test_a_leak_is_told_though_little_was_learnt():
    """Above chance is above chance, whatever the loss."""
    leak = RightByChance(images=100, right=90, mean=40.0, variance=20.0)
    shuffle = Shuffle(
        held_out="west", fold=0, right=leak, first_loss=1.0, last_loss=0.9, seconds=1.0
    )
    assert PermutationCheck(shuffles=(shuffle,)).verdict == "above chance"
