"""Logit adjustment after training."""

import pytest
import torch
from torch import nn

from wbcray.methods.base import TrainingFacts
from wbcray.methods.finish.logit_adjustment import LogitAdjustment, LogitAdjustmentParams

COUNTS = torch.tensor([[6, 0, 1], [2, 4, 3], [0, 0, 0]])
"""8, 4 and 4 images: frequencies 1/2, 1/4 and 1/4."""


def adjusted(
    head: nn.Linear, *, counts: torch.Tensor = COUNTS, tau: float = 1.0, seed: int = 0
) -> nn.Linear:
    facts = TrainingFacts(counts=counts, feature_dim=2, steps=1)
    return LogitAdjustment(LogitAdjustmentParams(tau=tau), facts).fit(head, None, seed=seed)


def head(*, bias: bool = True, dtype: torch.dtype = torch.float32) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(2, 3, bias=bias, dtype=dtype)


def test_the_bias_loses_the_logarithm_of_the_pooled_frequencies() -> None:
    gained = (adjusted(head(), tau=2.0).bias - head().bias).exp()
    torch.testing.assert_close(gained, torch.tensor([4.0, 16.0, 16.0]))


def test_the_weights_stay_and_the_old_head_is_left_alone() -> None:
    given = head()
    new = adjusted(given)
    assert torch.equal(new.weight, given.weight)
    assert new.weight is not given.weight
    assert torch.equal(given.bias, head().bias)


def test_tau_zero_changes_nothing() -> None:
    assert torch.equal(adjusted(head(), tau=0.0).bias, head().bias)


def test_equal_counts_leave_every_ranking_as_it_was() -> None:
    features = torch.randn(50, 2, generator=torch.Generator().manual_seed(1))
    even = adjusted(head(), counts=torch.tensor([[5, 2, 1], [1, 4, 5], [0, 0, 0]]), tau=1.5)
    assert torch.equal(even(features).argsort(1), head()(features).argsort(1))


def test_the_rare_class_wins_where_the_logits_are_equal() -> None:
    given = head()
    nn.init.zeros_(given.weight)
    nn.init.zeros_(given.bias)
    new = adjusted(given, counts=torch.tensor([[90, 9, 1]]))
    assert new(torch.zeros(1, 2)).argmax().item() == 2


def test_a_class_without_images_counts_as_if_it_had_one() -> None:
    none, one = torch.tensor([[5, 3, 0]]), torch.tensor([[5, 3, 1]])
    assert torch.equal(adjusted(head(), counts=none).bias, adjusted(head(), counts=one).bias)


def test_a_head_without_bias_gets_one() -> None:
    new = adjusted(head(bias=False))
    torch.testing.assert_close(new.bias.exp(), torch.tensor([2.0, 4.0, 4.0]))
    assert torch.equal(new.weight, head(bias=False).weight)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_new_head_has_the_type_of_the_old(dtype: torch.dtype) -> None:
    new = adjusted(head(dtype=dtype))
    assert {parameter.dtype for parameter in new.parameters()} == {dtype}


def test_the_new_head_can_be_trained_even_if_made_in_inference_mode() -> None:
    given = head()
    with torch.inference_mode():
        new = adjusted(given)
    new(torch.ones(1, 2)).sum().backward()
    assert torch.equal(new.bias.grad, torch.ones(3))


def test_nothing_is_random() -> None:
    before = torch.get_rng_state()
    given = head()
    torch.set_rng_state(before)
    assert torch.equal(adjusted(given, seed=1).bias, adjusted(given, seed=2).bias)
    assert torch.equal(torch.get_rng_state(), before)


def test_it_wants_no_feature_pass_and_a_linear_classifier() -> None:
    facts = TrainingFacts(counts=COUNTS, feature_dim=2, steps=1)
    assert LogitAdjustment(LogitAdjustmentParams(), facts).views() == 0
    assert LogitAdjustment.linear_only
