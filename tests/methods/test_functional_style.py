"""Style and content of feature vectors, by hand and against one image at a time."""

import pytest
import torch
from torch import Tensor

from wbcray.methods.functional.style import randomize_content, randomize_style, style_of

PARTNER = torch.tensor([2, 0, 3, 1])
SHARE = torch.tensor([0.0, 0.25, 0.5, 1.0], dtype=torch.float64)


def features(*, dim: int = 7) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    scales = torch.tensor([1.0, 3.0, 0.2, 10.0], dtype=torch.float64)[:, None]
    return scales * torch.randn(4, dim, generator=generator, dtype=torch.float64) + scales


def slow(x: Tensor, *, style_share: Tensor | None = None) -> Tensor:
    """Row after row: the partner's content, or the content with `style_share` of the own style."""
    rows = []
    for row, partner in enumerate(PARTNER.tolist()):
        mean, variance = x[row].mean(), x[row].var()
        source = x[row] if style_share is not None else x[partner].detach()
        content = (source - source.mean()) / (source.var() + 1e-5).sqrt()
        if style_share is not None:
            share = style_share[row]
            mean = share * mean + (1 - share) * x[partner].mean()
            variance = share * variance + (1 - share) * x[partner].var()
        rows.append(content * (variance + 1e-5).sqrt() + mean)
    return torch.stack(rows)


def value_and_gradient(function) -> tuple[Tensor, Tensor]:
    x = features().requires_grad_()
    value = function(x)
    weights = torch.arange(value.numel(), dtype=value.dtype).reshape(value.shape).sin()
    return value, torch.autograd.grad((weights * value).sum(), x)[0]


def test_style_is_mean_and_unbiased_variance() -> None:
    torch.testing.assert_close(
        style_of(torch.tensor([[0.0, 2.0, 4.0]])), torch.tensor([[2.0, 4.0]])
    )


def test_a_share_of_one_gives_the_row_back() -> None:
    mixed = randomize_style(features(), style_of(features())[PARTNER], torch.ones(4))
    torch.testing.assert_close(mixed, features(), rtol=1e-12, atol=1e-12)


def test_a_share_of_zero_gives_the_partners_style() -> None:
    mixed = randomize_style(features(), style_of(features())[PARTNER], torch.zeros(4))
    torch.testing.assert_close(style_of(mixed), style_of(features())[PARTNER], rtol=1e-2, atol=1e-3)


def test_half_a_share_of_a_line_is_in_between() -> None:
    # (-1, 1) has style (0, 2), (10, 18) has (14, 32): halfway (7, 17), apart 2 sqrt(17 / 2).
    lines = torch.tensor([[-1.0, 1.0], [10.0, 18.0]], dtype=torch.float64)
    mixed = randomize_style(lines, style_of(lines).flip(0), torch.full((2,), 0.5))
    assert mixed[0].mean().item() == pytest.approx(7.0)
    assert (mixed[0, 1] - mixed[0, 0]).item() == pytest.approx(2 * 8.5**0.5, rel=1e-5)


def test_random_styles_and_their_gradients_agree_with_row_after_row() -> None:
    found = value_and_gradient(lambda x: randomize_style(x, style_of(x)[PARTNER], SHARE))
    expected = value_and_gradient(lambda x: slow(x, style_share=SHARE))
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


def test_random_contents_and_their_gradients_agree_with_row_after_row() -> None:
    found = value_and_gradient(lambda x: randomize_content(x, PARTNER))
    torch.testing.assert_close(found, value_and_gradient(slow), rtol=1e-9, atol=1e-12)


def test_a_random_content_keeps_the_rows_own_style() -> None:
    styled = randomize_content(features(), PARTNER)
    torch.testing.assert_close(style_of(styled), style_of(features()), rtol=1e-2, atol=1e-3)


def test_no_gradient_reaches_who_gives_the_content() -> None:
    x = features().requires_grad_()
    (gradient,) = torch.autograd.grad(randomize_content(x, PARTNER)[0].square().sum(), x)
    assert gradient[0].any()
    assert not gradient[1:].any()


def test_gradient_reaches_who_gives_the_style() -> None:
    x = features().requires_grad_()
    mixed = randomize_style(x, style_of(x)[PARTNER], SHARE)
    (gradient,) = torch.autograd.grad(mixed[0].square().sum(), x)
    assert gradient[2].any()


@pytest.mark.parametrize("x", [torch.ones(4, 5), torch.ones(4, 1), torch.zeros(4, 3)])
def test_rows_without_variance_stay_finite(x: Tensor) -> None:
    x = x.requires_grad_()
    styled = randomize_style(x, style_of(x)[PARTNER], SHARE) + randomize_content(x, PARTNER)
    (gradient,) = torch.autograd.grad(styled.sum(), x)
    assert torch.isfinite(styled).all()
    assert torch.isfinite(gradient).all()


def test_half_precision_is_computed_in_float32() -> None:
    half = features().bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        styled = randomize_style(half, style_of(half)[PARTNER], SHARE)
    exact = randomize_style(half.float(), style_of(half.float())[PARTNER], SHARE)
    assert styled.dtype == torch.float32
    assert torch.equal(styled, exact)
