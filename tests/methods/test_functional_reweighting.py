"""Losses with a weight per class or per image: re-weighting, class-balanced and focal loss."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from wbcray.methods.functional.class_balanced import class_balanced, class_balanced_weights
from wbcray.methods.functional.focal import focal
from wbcray.methods.functional.reweight import inverse_frequency_weights, reweight

COUNTS = torch.tensor([4, 1, 16])
LABELS = torch.tensor([0, 2, 1, 0, 2])

WEIGHTED = {
    "reweight": lambda logits, labels, counts, **more: reweight(
        logits, labels, counts, 1.0, **more
    ),
    "square root": lambda logits, labels, counts, **more: reweight(
        logits, labels, counts, 0.5, **more
    ),
    "class balanced": lambda logits, labels, counts, **more: class_balanced(
        logits, labels, counts, 0.99, **more
    ),
}
every_weighted = pytest.mark.parametrize("loss", WEIGHTED.values(), ids=WEIGHTED.keys())


def logits(*, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(len(LABELS), 3, generator=generator, dtype=torch.float64).to(dtype)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (0.0, [1.0, 1.0, 1.0]),
        (0.5, [6 / 7, 12 / 7, 3 / 7]),  # 1/2, 1, 1/4 times 3 / (7/4)
        (1.0, [12 / 21, 48 / 21, 3 / 21]),  # 1/4, 1, 1/16 times 3 / (21/16)
    ],
)
def test_weights_are_inverse_powers_of_the_counts_with_the_sum_of_the_classes(
    exponent: float, expected: list[float]
) -> None:
    assert inverse_frequency_weights(COUNTS, exponent).tolist() == pytest.approx(expected)


def test_a_class_without_images_has_no_weight_and_the_others_share_the_sum() -> None:
    weights = inverse_frequency_weights(torch.tensor([1, 0, 3]), 1.0)
    assert weights.tolist() == pytest.approx([9 / 4, 0.0, 3 / 4])


def test_the_effective_numbers_weigh_as_worked_out_for_white_blood_cells() -> None:
    weights = class_balanced_weights(torch.tensor([11, 79, 3656, 8484]), 0.9999)
    assert weights.tolist() == pytest.approx([3.49276, 0.48799, 0.01254, 0.00671], abs=5e-6)


def test_two_and_one_image_at_beta_one_half_weigh_four_to_six() -> None:
    # 1 - 1/4 = 3/4 and 1 - 1/2 = 1/2: inverses 4/3 and 2, scaled to sum 2.
    weights = class_balanced_weights(torch.tensor([2, 1]), 0.5)
    assert weights.tolist() == pytest.approx([0.8, 1.2])


@pytest.mark.parametrize("beta", [0.9, 0.99, 0.995])
def test_a_large_class_never_loses_its_weight(beta: float) -> None:
    # 0.99^8484 is below the resolution of float64 beside 1.
    weights = class_balanced_weights(torch.tensor([11, 8484]), beta)
    assert weights[1].item() == pytest.approx(2 * (1 - beta**11) / (2 - beta**11))


@pytest.mark.parametrize(("beta", "exponent"), [(0.0, 0.0), (1.0, 1.0), (1 - 1e-9, 1.0)])
def test_beta_runs_from_equal_weights_to_inverse_frequencies(beta: float, exponent: float) -> None:
    counts = torch.tensor([3, 0, 50])
    torch.testing.assert_close(
        class_balanced_weights(counts, beta),
        inverse_frequency_weights(counts, exponent),
        rtol=1e-6,
        atol=0,
    )


def test_the_weighted_mean_divides_by_the_weights_of_the_batch() -> None:
    # Two equal logits: every loss but the scale is log 2, so that weights must cancel ...
    even = torch.zeros(3, 2, dtype=torch.float64)
    labels, counts = torch.tensor([0, 0, 1]), torch.tensor([3, 1])
    assert reweight(even, labels, counts, 1.0).item() == pytest.approx(math.log(2))
    # ... and here class 0 (weight 1/2) loses log 2 twice and class 1 (weight 3/2) log 4.
    odd = torch.tensor([[0.0, 0.0], [0.0, 0.0], [math.log(3), 0.0]], dtype=torch.float64)
    expected = (0.5 * 2 * math.log(2) + 1.5 * math.log(4)) / 2.5
    assert reweight(odd, labels, counts, 1.0).item() == pytest.approx(expected)


@every_weighted
def test_without_reduction_every_image_has_its_weight_times_its_loss(loss) -> None:
    weight = loss(torch.zeros(3, 3, dtype=torch.float64), torch.arange(3), COUNTS, reduction="none")
    weight = weight / math.log(3)
    expected = weight[LABELS] * F.cross_entropy(logits(), LABELS, reduction="none")
    torch.testing.assert_close(loss(logits(), LABELS, COUNTS, reduction="none"), expected)


@every_weighted
def test_the_mean_is_that_of_pytorch_with_the_same_weights(loss) -> None:
    weight = loss(torch.zeros(3, 3, dtype=torch.float64), torch.arange(3), COUNTS, reduction="none")
    expected = F.cross_entropy(logits(), LABELS, weight=weight)
    torch.testing.assert_close(loss(logits(), LABELS, COUNTS), expected)


@every_weighted
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_equal_counts_are_cross_entropy(loss, reduction: str) -> None:
    expected = F.cross_entropy(logits(), LABELS, reduction=reduction)
    found = loss(logits(), LABELS, torch.full((3,), 7), reduction=reduction)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


@every_weighted
def test_a_batch_of_a_class_without_images_costs_nothing(loss) -> None:
    given = logits().requires_grad_()
    value = loss(given, torch.ones_like(LABELS), torch.tensor([4, 0, 16]))
    value.backward()
    assert value.item() == 0.0
    assert not given.grad.any()


@every_weighted
def test_without_any_training_image_nothing_costs_anything(loss) -> None:
    assert loss(logits(), LABELS, torch.zeros(3)).item() == 0.0


@every_weighted
def test_counts_may_be_fractions(loss) -> None:
    whole = loss(logits(), LABELS, COUNTS)
    torch.testing.assert_close(loss(logits(), LABELS, COUNTS.float()), whole)


def test_a_probability_of_three_quarters_fades_by_its_missing_quarter() -> None:
    one = torch.tensor([[math.log(3), 0.0]], dtype=torch.float64)
    cross_entropy = math.log(4 / 3)
    for gamma, expected in ((0.0, 1.0), (0.5, 0.5), (1.0, 0.25), (2.0, 0.0625)):
        found = focal(one, torch.tensor([0]), gamma).item()
        assert found == pytest.approx(expected * cross_entropy)


def test_gamma_zero_is_cross_entropy() -> None:
    torch.testing.assert_close(
        focal(logits(), LABELS, 0.0), F.cross_entropy(logits(), LABELS), rtol=1e-12, atol=0
    )


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 5.0])
def test_a_certain_image_has_no_gradient_and_no_nan(gamma: float) -> None:
    certain = torch.tensor([[200.0, 0.0], [20.0, 0.0], [0.0, 200.0]]).requires_grad_()
    losses = focal(certain, torch.tensor([0, 0, 0]), gamma, reduction="none")
    losses.sum().backward()
    assert losses[0].item() == 0.0
    assert not certain.grad[0].any()
    assert bool(certain.grad.isfinite().all())
    assert losses[2].item() == pytest.approx(200.0)


def test_a_nearly_certain_image_keeps_its_digits() -> None:
    # p = 1 - 1e-12 (nearly): (1 - p)^1 CE is 1e-24, of which 1 - exp(-CE) would leave four digits.
    nearly = torch.tensor([[-math.log(1e-12), 0.0]], dtype=torch.float64)
    assert focal(nearly, torch.tensor([0]), 1.0).item() == pytest.approx(1e-24, rel=1e-3, abs=0)


EVERY = {
    **WEIGHTED,
    "focal": lambda logits, labels, counts, **more: focal(logits, labels, 1.5, **more),
}
every_loss = pytest.mark.parametrize("loss", EVERY.values(), ids=EVERY.keys())


@every_loss
def test_autograd_agrees_with_finite_differences(loss) -> None:
    given = logits().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, LABELS, COUNTS), (given,))


@every_loss
def test_half_precision_logits_under_autocast_give_the_loss_in_float32(loss) -> None:
    half = logits(dtype=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = loss(half, LABELS, COUNTS)
    assert torch.equal(found, loss(half.float(), LABELS, COUNTS))
    assert found.dtype == torch.float32
