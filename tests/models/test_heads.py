"""The cosine classifier."""

import pytest
import torch
from torch import Tensor

from wbcray.models.heads import CosineLinear


def head(weight: list[list[float]], *, dtype: torch.dtype = torch.float64) -> CosineLinear:
    made = CosineLinear(len(weight[0]), len(weight)).to(dtype)
    with torch.no_grad():
        made.weight.copy_(torch.tensor(weight))
    return made


def cloud(rows: int, dim: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(rows, dim, generator=generator, dtype=torch.float64)


def test_logits_are_the_cosines_of_the_angles() -> None:
    # (3, 4) with the first axis: 3/5; with the diagonal: 7 / (5 sqrt 2); with its opposite: -1.
    found = head([[2.0, 0.0], [1.0, 1.0], [-6.0, -8.0]])(
        torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    )
    assert found[0].tolist() == pytest.approx([0.6, 7 / (5 * 2**0.5), -1.0])


def test_lengths_of_features_and_weights_do_not_matter() -> None:
    weight = cloud(3, 4)
    plain = head(weight.tolist())(cloud(5, 4))
    torch.testing.assert_close(head((100 * weight).tolist())(cloud(5, 4) / 1000), plain)


def test_rounding_never_leaves_the_range() -> None:
    features = cloud(200, 64).float()
    made = head(features.tolist(), dtype=torch.float32)
    assert made(features).abs().max().item() <= 1.0


@pytest.mark.parametrize("length", [0.0, 1e-20, 1e-13])
def test_features_without_direction_have_cosine_zero_and_no_gradient(length: float) -> None:
    features = torch.full((2, 2), length, requires_grad=True)
    made = head([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float32)
    logits = made(features)
    logits.sum().backward()
    assert not logits.any()
    assert not features.grad.any()
    assert not made.weight.grad.any()


def test_a_class_without_direction_has_cosine_zero() -> None:
    made = head([[0.0, 0.0], [0.0, 1.0]])
    features = torch.ones(1, 2, dtype=torch.float64, requires_grad=True)
    made(features).sum().backward()
    assert made(features)[0, 0].item() == 0.0
    assert bool(features.grad.isfinite().all())
    assert not made.weight.grad[0].any()


def test_autograd_agrees_with_finite_differences() -> None:
    made = head(cloud(3, 4).tolist())
    assert torch.autograd.gradcheck(made, (cloud(5, 4).requires_grad_(),))


def test_half_precision_features_give_float32_cosines() -> None:
    made = head([[2.0, 0.0], [1.0, 1.0]], dtype=torch.float32)
    features = torch.tensor([[3.0, 4.0]], dtype=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = made(features)
    assert found.dtype == torch.float32
    assert torch.equal(found, made(features.float()))


def test_it_is_a_linear_layer_without_bias() -> None:
    made = CosineLinear(7, 4)
    assert made.weight.shape == (4, 7)
    assert made.bias is None
