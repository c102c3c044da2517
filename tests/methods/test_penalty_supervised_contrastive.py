"""The penalty of supervised contrast: its weight, its temperature and its projection."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from wbcray.methods.base import Outputs, Targets, TrainingFacts
from wbcray.methods.functional.supervised_contrastive import supervised_contrastive
from wbcray.methods.penalties.supervised_contrastive import (
    SupervisedContrastive,
    SupervisedContrastiveParams,
)

DIM = 6
LABELS = torch.tensor([0, 1, 0, 1, 1])
DOMAINS = torch.tensor([0, 0, 1, 1, 2])


def features() -> Tensor:
    return torch.randn(5, DIM, generator=torch.Generator().manual_seed(0))


def penalty(**params: Any) -> SupervisedContrastive:
    torch.manual_seed(0)
    facts = TrainingFacts(counts=torch.ones(3, 2).long(), feature_dim=DIM, steps=1)
    return SupervisedContrastive(SupervisedContrastiveParams(**params), facts)


def total(of: SupervisedContrastive, given: Tensor, domains: Tensor = DOMAINS) -> Tensor:
    targets = Targets(labels=LABELS, domains=domains)
    return of(Outputs(features=given, logits=torch.zeros(5, 2)), targets, 0.5).total


def test_without_a_projection_it_is_the_weighted_loss_of_the_features() -> None:
    contrast = penalty(projection=0, weight=2.0, temperature=0.3)
    expected = 2 * supervised_contrastive(features(), LABELS, DOMAINS, 0.3)
    torch.testing.assert_close(total(contrast, features()), expected)
    assert not list(contrast.parameters())


def test_with_a_projection_it_is_that_of_the_projected_features() -> None:
    contrast = penalty(projection=4)
    expected = supervised_contrastive(contrast.projection(features()), LABELS, DOMAINS, 0.1)
    torch.testing.assert_close(total(contrast, features()), expected)


@pytest.mark.parametrize(("width", "layers"), [(0, []), (4, [(DIM, DIM), (DIM, 4)])])
def test_the_projection_has_the_declared_shape(width: int, layers: list) -> None:
    linear = [layer for layer in penalty(projection=width).modules() if type(layer) is nn.Linear]
    assert [(layer.in_features, layer.out_features) for layer in linear] == layers


def test_features_and_projection_learn_from_it() -> None:
    contrast, given = penalty(), features().requires_grad_()
    total(contrast, given).backward()
    assert given.grad.any(dim=1).all()
    # The last bias moves directions, too: it is added before the length is divided out.
    assert all(parameter.grad.any() for parameter in contrast.parameters())


def test_a_batch_of_one_domain_moves_nobody() -> None:
    contrast, given = penalty(), features().requires_grad_()
    loss = total(contrast, given, torch.zeros_like(DOMAINS))
    loss.backward()
    assert loss.item() == 0.0
    assert not given.grad.any()
    assert not any(parameter.grad.any() for parameter in contrast.parameters())


def test_autocast_does_not_reach_the_projection() -> None:
    contrast = penalty()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = total(contrast, features())
    assert torch.equal(inside, total(contrast, features()))
