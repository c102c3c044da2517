"""SagNet's adversary: who learns what from the style classifier."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from wbcray.methods.base import (
    NOISE_COLUMNS,
    PENALTY_NOISE,
    LossTerms,
    Outputs,
    Targets,
    TrainingFacts,
)
from wbcray.methods.functional.style import randomize_content
from wbcray.methods.penalties.sagnet import SagNet, SagNetParams

DIM, CLASSES = 6, 3
LABELS = torch.tensor([0, 1, 2, 0, 1])
CYCLE = torch.tensor([3, 0, 1, 4, 2])
"""The partners that NOISE gives."""
NOISE = torch.zeros(5, NOISE_COLUMNS)
NOISE[:, PENALTY_NOISE] = torch.tensor([0.7, 0.5, 0.4, 0.8, 0.1])


def features(images: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(images, DIM, generator=generator, dtype=torch.float64)


def penalty(**params: Any) -> SagNet:
    torch.manual_seed(0)
    facts = TrainingFacts(
        counts=torch.ones(2, CLASSES, dtype=torch.int64), feature_dim=DIM, steps=1
    )
    return SagNet(SagNetParams(**params), facts).double()


def terms(of: SagNet, given: Tensor, rows: Tensor | None = None) -> LossTerms:
    rows = torch.arange(len(given)) if rows is None else rows
    targets = Targets(labels=LABELS[rows], domains=rows % 2, noise=NOISE[rows])
    return of(Outputs(features=given, logits=torch.zeros(len(given), CLASSES)), targets, 0.5)


def test_the_style_classifier_learns_the_class_from_the_style() -> None:
    sagnet = penalty(weight=7.0)
    terms(sagnet, features().requires_grad_()).total.backward()
    found = [parameter.grad.clone() for parameter in sagnet.parameters()]
    sagnet.zero_grad()
    styled = randomize_content(features(), CYCLE)
    F.cross_entropy(sagnet.style_classifier(styled), LABELS).backward()
    torch.testing.assert_close(found, [parameter.grad for parameter in sagnet.parameters()])


def test_the_features_learn_that_no_class_is_likelier_by_its_style() -> None:
    sagnet, given, plain = penalty(weight=7.0), features().requires_grad_(), features()
    (found,) = torch.autograd.grad(terms(sagnet, given).total, given)
    plain.requires_grad_()
    logits = sagnet.style_classifier(randomize_content(plain, CYCLE))
    uniform = torch.full_like(logits, 1 / CLASSES)
    (expected,) = torch.autograd.grad(7 * F.cross_entropy(logits, uniform), plain)
    torch.testing.assert_close(found, expected)
    assert found.any()


def test_a_style_classifier_that_knows_nothing_costs_log_classes_in_both_losses() -> None:
    sagnet = penalty(weight=0.1)
    for parameter in sagnet.parameters():
        torch.nn.init.zeros_(parameter)
    found = terms(sagnet, features())
    for part in found.parts.values():
        assert math.isclose(part.item(), math.log(CLASSES))
    assert math.isclose(found.total.item(), 1.1 * math.log(CLASSES))


def test_a_permuted_batch_costs_the_same_and_permutes_the_gradient() -> None:
    sagnet, order = penalty(), torch.tensor([3, 0, 4, 1, 2])
    given, other = features().requires_grad_(), features()[order].requires_grad_()
    here, there = terms(sagnet, given).total, terms(sagnet, other, order).total
    torch.testing.assert_close(there, here)
    (gradient,) = torch.autograd.grad(here, given)
    torch.testing.assert_close(torch.autograd.grad(there, other)[0], gradient[order])


def test_one_image_has_no_other_content_and_moves_nobody() -> None:
    sagnet, given = penalty(), features(1).requires_grad_()
    found = terms(sagnet, given)
    found.total.backward()
    assert found.total.item() == 0.0
    assert not given.grad.any()
    assert not any(parameter.grad.any() for parameter in sagnet.parameters())


def test_a_batch_of_one_domain_is_a_batch_as_any_other() -> None:
    sagnet = penalty()
    rows = torch.tensor([0, 2, 4])
    assert terms(sagnet, features()[rows], rows).total.item() > 0.0


def test_a_float32_classifier_takes_features_of_any_precision() -> None:
    sagnet = penalty().float()
    assert terms(sagnet, features()).total.dtype == torch.float64
    assert terms(sagnet, features().bfloat16()).total.dtype == torch.float32
