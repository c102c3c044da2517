"""The DANN penalty: who learns what from the discriminator."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from method_contract import COUNTS, DIM, batch, facts, head
from torch import Tensor
from torch.nn import functional as F

from wbcray.methods.base import LossTerms, Outputs, Targets
from wbcray.methods.penalties.dann import Dann, DannParams


def penalty(*, counts: Tensor = COUNTS, **params: Any) -> Dann:
    torch.manual_seed(0)
    return Dann(DannParams(**params), facts(counts))


def terms(of: Dann, features: Tensor, domains: Tensor, *, progress: float = 1.0) -> LossTerms:
    targets = Targets(labels=torch.zeros_like(domains), domains=domains)
    return of(Outputs(features=features, logits=head()(features)), targets, progress)


DOMAINS = batch().targets.domains


def test_the_features_learn_the_opposite_of_the_discriminator() -> None:
    dann = penalty(weight=0.5, schedule="constant")
    features = batch().features.requires_grad_()
    terms(dann, features, DOMAINS).total.backward()
    plain = batch().features.requires_grad_()
    F.cross_entropy(dann.discriminator(plain), DOMAINS).backward()
    torch.testing.assert_close(features.grad, -0.5 * plain.grad, rtol=0, atol=1e-10)


def test_the_discriminator_learns_with_weight_one() -> None:
    dann = penalty(weight=0.5)
    terms(dann, batch().features, DOMAINS, progress=0.3).total.backward()
    found = [parameter.grad.clone() for parameter in dann.parameters()]
    dann.zero_grad()
    F.cross_entropy(dann.discriminator(batch().features), DOMAINS).backward()
    torch.testing.assert_close(found, [parameter.grad for parameter in dann.parameters()])


@pytest.mark.parametrize(
    ("schedule", "progress", "share"),
    [
        ("ramp", 0.0, 0.0),
        ("ramp", 0.1, 2 / (1 + math.exp(-1)) - 1),
        ("ramp", 1.0, 2 / (1 + math.exp(-10)) - 1),
        ("constant", 0.0, 1.0),
    ],
)
def test_the_reversed_gradient_follows_the_schedule(schedule, progress, share) -> None:
    dann = penalty(weight=2.0, schedule=schedule)
    features, plain = batch().features.requires_grad_(), batch().features.requires_grad_()
    terms(dann, features, DOMAINS, progress=progress).total.backward()
    F.cross_entropy(dann.discriminator(plain), DOMAINS).backward()
    torch.testing.assert_close(features.grad, -2.0 * share * plain.grad)


def test_only_domains_with_training_images_are_told_apart() -> None:
    assert penalty().discriminator[-1].out_features == 2


def test_a_held_out_domain_between_the_sources_changes_nothing() -> None:
    between = penalty(counts=COUNTS[torch.tensor([0, 2, 1])])
    features = batch().features
    last = terms(penalty(), features, DOMAINS).total
    assert torch.equal(terms(between, features, 2 * DOMAINS).total, last)


def test_swapped_domains_swap_the_outputs() -> None:
    dann, swapped = penalty(), penalty(counts=COUNTS[torch.tensor([1, 0, 2])])
    swapped.load_state_dict({**dann.state_dict(), "output_of": swapped.output_of})
    with torch.no_grad():
        for parameter in swapped.discriminator[-1].parameters():
            parameter.copy_(parameter.flip(0))
    features = batch().features
    torch.testing.assert_close(
        terms(swapped, features, 1 - DOMAINS).total, terms(dann, features, DOMAINS).total
    )


def test_images_of_a_domain_without_training_images_do_not_count() -> None:
    dann, features = penalty(), batch().features
    known = terms(dann, features[:4], DOMAINS[:4]).total
    with_stranger = terms(dann, features, torch.cat([DOMAINS[:4], torch.tensor([2, 2])])).total
    torch.testing.assert_close(with_stranger, known)


def test_a_batch_of_one_domain_moves_nobody() -> None:
    dann, features = penalty(), batch().features.requires_grad_()
    terms(dann, features, torch.zeros_like(DOMAINS)).total.backward()
    assert not features.grad.any()
    assert not any(parameter.grad.any() for parameter in dann.parameters())


@pytest.mark.parametrize(
    ("depth", "layers"), [(0, [(DIM, 2)]), (2, [(DIM, 16), (16, 16), (16, 2)])]
)
def test_the_discriminator_has_the_declared_shape(depth, layers) -> None:
    linear = [layer for layer in penalty(depth=depth, width=16).discriminator if layer._parameters]
    assert [(layer.in_features, layer.out_features) for layer in linear] == layers


def test_numbers_and_names_are_those_of_every_version_so_far() -> None:
    # A checkpoint of an earlier version must go on as it would have there.
    dann = Dann(DannParams(width=3, depth=1), replace(facts(), feature_dim=2))
    with torch.no_grad():
        for parameter in dann.parameters():
            parameter.copy_(torch.linspace(-1, 1, parameter.numel()).reshape(parameter.shape))
    features = torch.tensor([[1, 2], [-1, 0.5], [0.3, -0.7], [2, 0]]).requires_grad_()
    targets = Targets(labels=torch.zeros(4).long(), domains=torch.tensor([0, 1, 0, 1]))
    total = dann(Outputs(features=features, logits=features), targets, 0.2).total
    total.backward()
    assert list(dann.state_dict()) == [
        "output_of",
        "discriminator.0.weight",
        "discriminator.0.bias",
        "discriminator.2.weight",
        "discriminator.2.bias",
    ]
    assert total.item() == pytest.approx(2.3129773139953613, rel=1e-6)
    expected = [
        [-0.091262087225914, -0.2737862467765808],
        [0.0028393911197781563, 0.008518172428011894],
        [-0.12739503383636475, -0.21232503652572632],
        [0.0013112842570990324, 0.002185473684221506],
    ]
    torch.testing.assert_close(features.grad, torch.tensor(expected), rtol=1e-5, atol=0)
