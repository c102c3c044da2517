"""Classifier re-training on a table of features."""

from typing import Any

import pytest
import torch
from torch import nn

from wbcray.methods.base import FeatureTable, TrainingFacts
from wbcray.methods.finish.classifier_retraining import (
    ClassifierRetraining,
    ClassifierRetrainingParams,
)
from wbcray.methods.finish.none import NoFinish, NoParams

HEAD = nn.Linear(2, 2)
FACTS = TrainingFacts(counts=torch.tensor([[98, 2]]), feature_dim=2, steps=1)


def retraining(**params: Any) -> ClassifierRetraining:
    return ClassifierRetraining(ClassifierRetrainingParams(**params), FACTS)


def table(frequent: int = 98, rare: int = 2) -> FeatureTable:
    """Two classes whose first coordinate is one-half apart, so that a threshold is a choice."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.cat([torch.zeros(frequent), torch.ones(rare)]).long()
    features = torch.randn(len(labels), 2, generator=generator) + labels[:, None] / 2
    return FeatureTable(features=features, labels=labels, domains=torch.zeros_like(labels))


def same(a: nn.Linear, b: nn.Linear) -> bool:
    return torch.equal(a.weight, b.weight) and torch.equal(a.bias, b.bias)


def test_separated_classes_are_learnt_from_scratch() -> None:
    labels = torch.arange(40) % 2
    features = torch.stack([labels * 4.0 - 2, torch.ones(40)], dim=1)
    given = FeatureTable(features=features, labels=labels, domains=labels)
    new = retraining(steps=200, lr=1e-2).fit(HEAD, given, seed=0)
    assert torch.equal(new(features).argmax(1), labels)


def test_the_same_seed_gives_the_same_head() -> None:
    torch.manual_seed(1)
    first = retraining(steps=20).fit(HEAD, table(), seed=7)
    torch.manual_seed(2)
    assert same(first, retraining(steps=20).fit(HEAD, table(), seed=7))


def test_another_seed_gives_another_head() -> None:
    first = retraining(steps=20).fit(HEAD, table(), seed=7)
    assert not same(first, retraining(steps=20).fit(HEAD, table(), seed=8))


def test_the_old_head_is_left_alone_and_plays_no_role() -> None:
    before = HEAD.weight.detach().clone()
    first = retraining(steps=20).fit(HEAD, table(), seed=7)
    assert torch.equal(HEAD.weight, before)
    assert same(first, retraining(steps=20).fit(nn.Linear(2, 2), table(), seed=7))


def test_the_global_stream_of_chance_is_left_alone() -> None:
    before = torch.get_rng_state()
    retraining(steps=2).fit(HEAD, table(), seed=7)
    assert torch.equal(torch.get_rng_state(), before)


def test_balanced_draws_predict_the_rare_class_more_often() -> None:
    natural = retraining(steps=300, lr=1e-2, exponent=0.0).fit(HEAD, table(), seed=0)
    balanced = retraining(steps=300, lr=1e-2, exponent=1.0).fit(HEAD, table(), seed=0)
    features = table().features
    assert (natural(features).argmax(1) == 1).sum() < (balanced(features).argmax(1) == 1).sum()


def test_balanced_draws_are_as_frequent_as_planned() -> None:
    # 256 000 draws of two equally likely classes: one half within six standard deviations, 0.006
    draws = retraining(steps=1000)._draws(table(), torch.Generator().manual_seed(0))
    assert (table().labels[draws] == 1).float().mean().item() == pytest.approx(0.5, abs=0.006)


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_it_trains_where_gradients_are_switched_off(context) -> None:
    expected = retraining(steps=20).fit(HEAD, table(), seed=7)
    with context():
        given = table()
        found = retraining(steps=20).fit(HEAD, given, seed=7)
    assert same(found, expected)


def test_half_precision_features_give_a_head_of_the_old_type() -> None:
    given = table()
    half = FeatureTable(
        features=given.features.bfloat16(), labels=given.labels, domains=given.domains
    )
    with torch.autocast("cpu", dtype=torch.bfloat16):
        new = retraining(steps=5).fit(HEAD, half, seed=0)
    assert new.weight.dtype == torch.float32


def test_a_head_without_bias_stays_without() -> None:
    assert retraining(steps=2).fit(nn.Linear(2, 2, bias=False), table(), seed=0).bias is None


def test_it_asks_for_its_views() -> None:
    assert retraining(views=3).views() == 3


def test_no_finish_keeps_the_head_and_wants_no_views() -> None:
    assert NoFinish(NoParams(), FACTS).fit(HEAD, table(), seed=0) is HEAD
    assert NoFinish(NoParams(), FACTS).views() == 0
