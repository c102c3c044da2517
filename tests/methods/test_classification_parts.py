"""The classification losses as parts: pooled counts, means over the batch, deferred weights."""

from typing import Any

import pytest
import torch
from method_contract import facts
from torch import Tensor
from torch.nn import functional as F

from wbcray.core.config import Axis
from wbcray.core.hyper import parse_params
from wbcray.methods.base import ClassificationLoss
from wbcray.methods.functional.class_balanced import class_balanced, class_balanced_weights
from wbcray.methods.functional.focal import focal
from wbcray.methods.functional.ldam import ldam
from wbcray.methods.functional.logit_adjustment import logit_adjustment
from wbcray.methods.functional.reweight import reweight
from wbcray.methods.parts import part_class

AXIS: Axis = "classification"
COUNTS = torch.tensor([[8, 4, 2], [6, 3, 0], [0, 0, 0]])
POOLED = torch.tensor([14, 7, 2])
LABELS = torch.tensor([0, 2, 1, 0, 0, 1])

EXPECTED = {
    "reweight": lambda logits, labels: reweight(logits, labels, POOLED, 1.0),
    "sqrt_reweight": lambda logits, labels: reweight(logits, labels, POOLED, 0.5),
    "class_balanced": lambda logits, labels: class_balanced(logits, labels, POOLED, 0.9999),
    "focal": lambda logits, labels: focal(logits, labels, 1.0),
    "ldam": lambda logits, labels: ldam(logits, labels, POOLED, 0.5, 30.0),
    "balanced_softmax": lambda logits, labels: logit_adjustment(logits, labels, POOLED, 1.0),
    "logit_adjustment": lambda logits, labels: logit_adjustment(logits, labels, POOLED, 1.0),
}
every_part = pytest.mark.parametrize("name", EXPECTED)


def part(name: str, *, counts: Tensor = COUNTS, **values: Any) -> ClassificationLoss:
    kind = part_class(AXIS, name)
    loss: ClassificationLoss = kind(parse_params(kind.Params, values), facts(counts))
    return loss


def logits() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(len(LABELS), 3, generator=generator, dtype=torch.float64)


@every_part
def test_the_mean_over_the_batch_is_the_loss_with_pooled_counts(name: str) -> None:
    found = part(name)(logits(), LABELS, 0.5).mean()
    torch.testing.assert_close(found, EXPECTED[name](logits(), LABELS), rtol=1e-12, atol=0)


@every_part
def test_the_gradient_of_the_mean_is_that_of_the_loss(name: str) -> None:
    given, plain = logits().requires_grad_(), logits().requires_grad_()
    part(name)(given, LABELS, 0.5).mean().backward()
    EXPECTED[name](plain, LABELS).backward()
    torch.testing.assert_close(given.grad, plain.grad, rtol=1e-12, atol=1e-16)


@every_part
def test_a_rarer_class_never_counts_less(name: str) -> None:
    # The same logits for an image of each class: the loss falls with the frequency, if at all.
    losses = part(name)(torch.zeros(3, 3), torch.arange(3), 0.5)
    assert losses[2] >= losses[1] >= losses[0] > 0


PLAIN = [
    ("reweight", {}),
    ("sqrt_reweight", {}),
    ("class_balanced", {}),
    ("focal", {"gamma": 0.0}),
    ("ldam", {"max_margin": 0.0, "scale": 1.0, "drw_start": 0.0}),
    ("balanced_softmax", {}),
    ("logit_adjustment", {}),
]


@pytest.mark.parametrize(("name", "values"), PLAIN)
def test_equal_counts_are_cross_entropy_image_by_image(name: str, values: dict[str, Any]) -> None:
    # Equal over both domains together, not in either.
    loss = part(name, counts=torch.tensor([[6, 1, 0], [1, 6, 7], [0, 0, 0]]), **values)
    expected = F.cross_entropy(logits(), LABELS, reduction="none")
    torch.testing.assert_close(loss(logits(), LABELS, 0.5), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"focal"}))
def test_the_counts_travel_with_the_state(name: str) -> None:
    other = part(name, counts=torch.ones_like(COUNTS))
    other.load_state_dict(part(name).state_dict())
    expected = part(name)(logits(), LABELS, 1.0)
    assert torch.equal(other(logits(), LABELS, 1.0), expected)


def test_beta_is_searched_by_its_distance_from_one() -> None:
    found = part("class_balanced", one_minus_beta=0.01)(logits(), LABELS, 0.0).mean()
    expected = class_balanced(logits(), LABELS, POOLED, 0.99)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


def with_weights() -> Tensor:
    weights = class_balanced_weights(POOLED, 0.9999)
    return ldam(logits(), LABELS, POOLED, 0.5, 30.0, weights=weights)


def without_weights() -> Tensor:
    return ldam(logits(), LABELS, POOLED, 0.5, 30.0)


@pytest.mark.parametrize(
    ("start", "progress", "expected"),
    [
        (0.8, 0.79, without_weights()),
        (0.8, 0.8, with_weights()),
        (0.0, 0.0, with_weights()),
        (1.0, 1.0, without_weights()),
    ],
)
def test_class_balanced_weights_join_ldam_late(start, progress, expected: Tensor) -> None:
    found = part("ldam", drw_start=start)(logits(), LABELS, progress).mean()
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


def test_deferred_weights_of_beta_zero_change_nothing() -> None:
    found = part("ldam", drw_start=0.0, drw_beta=0.0)(logits(), LABELS, 1.0)
    torch.testing.assert_close(found, part("ldam", drw_start=1.0)(logits(), LABELS, 1.0))


@pytest.mark.parametrize("head", ["linear", "cosine"])
def test_ldam_asks_for_the_chosen_classifier(head: str) -> None:
    kind = part_class(AXIS, "ldam")
    assert kind.head(parse_params(kind.Params, {"head": head})) == head
