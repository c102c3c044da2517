"""Losses that move logits by class frequency: LDAM, balanced softmax, logit adjustment."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from wbcray.methods.functional.balanced_softmax import balanced_softmax
from wbcray.methods.functional.ldam import ldam, ldam_margins
from wbcray.methods.functional.logit_adjustment import logit_adjustment, post_hoc_shift

COUNTS = torch.tensor([16, 1, 81])
LABELS = torch.tensor([0, 2, 1, 0, 2])

LOSSES = {
    "ldam": lambda logits, counts, **more: ldam(logits, LABELS, counts, 0.5, 3.0, **more),
    "balanced softmax": lambda logits, counts, **more: balanced_softmax(
        logits, LABELS, counts, **more
    ),
    "logit adjustment": lambda logits, counts, **more: logit_adjustment(
        logits, LABELS, counts, 1.5, **more
    ),
}
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())


def logits(*, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(len(LABELS), 3, generator=generator, dtype=torch.float64).to(dtype)


def slow_ldam(rows: Tensor, counts: list[int], max_margin: float, scale: float) -> list[float]:
    losses = []
    for row, label in zip(rows.tolist(), LABELS.tolist(), strict=True):
        margin = max_margin * (min(n for n in counts if n > 0) / counts[label]) ** 0.25
        moved = [scale * (x - margin * (c == label)) for c, x in enumerate(row)]
        losses.append(math.log(sum(math.exp(x) for x in moved)) - moved[label])
    return losses


def test_margins_are_the_fourth_roots_of_the_ratio_of_counts() -> None:
    assert ldam_margins(COUNTS, 0.6).tolist() == pytest.approx([0.3, 0.6, 0.2])


def test_the_rarest_class_is_one_that_has_images() -> None:
    assert ldam_margins(torch.tensor([16, 0, 81]), 0.6).tolist() == pytest.approx([0.6, 0.0, 0.4])


def test_ldam_agrees_with_the_loops() -> None:
    found = ldam(logits(), LABELS, COUNTS, 0.7, 5.0, reduction="none")
    assert found.tolist() == pytest.approx(slow_ldam(logits(), COUNTS.tolist(), 0.7, 5.0))
    assert ldam(logits(), LABELS, COUNTS, 0.7, 5.0).item() == pytest.approx(found.mean().item())


def test_ldam_without_margin_and_scale_is_cross_entropy() -> None:
    torch.testing.assert_close(
        ldam(logits(), LABELS, COUNTS, 0.0, 1.0),
        F.cross_entropy(logits(), LABELS),
        rtol=1e-12,
        atol=0,
    )


def test_weights_turn_ldam_into_a_weighted_mean() -> None:
    weights = torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)
    plain = ldam(logits(), LABELS, COUNTS, 0.5, 3.0, reduction="none")
    each = weights[LABELS]
    torch.testing.assert_close(
        ldam(logits(), LABELS, COUNTS, 0.5, 3.0, weights=weights, reduction="none"), each * plain
    )
    torch.testing.assert_close(
        ldam(logits(), LABELS, COUNTS, 0.5, 3.0, weights=weights),
        (each * plain).sum() / each.sum(),
    )


def test_equal_logits_cost_the_balanced_softmax_the_frequency_of_the_class() -> None:
    found = balanced_softmax(torch.zeros(5, 3), LABELS, COUNTS, reduction="none")
    expected = -(COUNTS / COUNTS.sum()).log()[LABELS]
    torch.testing.assert_close(found, expected)


def test_the_balanced_softmax_is_the_softmax_times_the_counts() -> None:
    masses = COUNTS * logits().exp()
    expected = -(masses / masses.sum(1, keepdim=True)).log()[range(5), LABELS].mean()
    torch.testing.assert_close(balanced_softmax(logits(), LABELS, COUNTS), expected)


def test_tau_one_is_exactly_the_balanced_softmax() -> None:
    assert torch.equal(
        logit_adjustment(logits(), LABELS, COUNTS, 1.0), balanced_softmax(logits(), LABELS, COUNTS)
    )


def test_tau_two_is_the_balanced_softmax_of_squared_counts() -> None:
    torch.testing.assert_close(
        logit_adjustment(logits(), LABELS, COUNTS, 2.0),
        balanced_softmax(logits(), LABELS, COUNTS**2),
    )


def test_tau_zero_is_cross_entropy() -> None:
    assert torch.equal(
        logit_adjustment(logits(), LABELS, COUNTS, 0.0), F.cross_entropy(logits(), LABELS)
    )


@pytest.mark.parametrize("loss", [LOSSES["balanced softmax"], LOSSES["logit adjustment"]])
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_equal_counts_are_cross_entropy(loss, reduction: str) -> None:
    expected = F.cross_entropy(logits(), LABELS, reduction=reduction)
    found = loss(logits(), torch.full((3,), 7), reduction=reduction)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("loss", [LOSSES["balanced softmax"], LOSSES["logit adjustment"]])
def test_a_class_without_images_counts_as_if_it_had_one(loss) -> None:
    assert torch.equal(loss(logits(), torch.tensor([16, 0, 81])), loss(logits(), COUNTS))


@every_loss
def test_a_class_without_images_leaves_everything_finite(loss) -> None:
    given = logits().requires_grad_()
    value = loss(given, torch.tensor([16, 0, 81]))
    value.backward()
    assert bool(value.isfinite())
    assert bool(given.grad.isfinite().all())


@every_loss
def test_autograd_agrees_with_finite_differences(loss) -> None:
    assert torch.autograd.gradcheck(lambda x: loss(x, COUNTS), (logits().requires_grad_(),))


@every_loss
def test_half_precision_logits_under_autocast_give_the_loss_in_float32(loss) -> None:
    half = logits(dtype=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = loss(half, COUNTS)
    assert torch.equal(found, loss(half.float(), COUNTS))
    assert found.dtype == torch.float32


def test_the_shift_afterwards_takes_out_the_frequencies() -> None:
    # Frequencies 1/8, 2/8 and 5/8.
    found = post_hoc_shift(torch.tensor([1, 2, 5]), 2.0)
    assert found.exp().tolist() == pytest.approx([64.0, 16.0, 64 / 25])


def test_the_shift_afterwards_undoes_the_shift_in_training() -> None:
    # The loss in training adds the same numbers, up to a constant that no softmax sees.
    undone = logits() + post_hoc_shift(COUNTS, 1.5)
    torch.testing.assert_close(
        logit_adjustment(undone, LABELS, COUNTS, 1.5), F.cross_entropy(logits(), LABELS)
    )
