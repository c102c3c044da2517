"""The gradient reversal layer."""

import torch

from wbcray.methods.functional import gradient_reversal


def test_forward_is_the_identity() -> None:
    x = torch.tensor([[1.5, -2.0]])
    assert torch.equal(gradient_reversal(x, 3.0), x)


def test_backward_is_minus_strength_times_the_gradient() -> None:
    x = torch.tensor([1.5, -2.0], requires_grad=True)
    (gradient_reversal(x, 0.25) * torch.tensor([8.0, 4.0])).sum().backward()
    assert x.grad.tolist() == [-2.0, -1.0]


def test_strength_zero_cuts_the_gradient() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    gradient_reversal(x, 0.0).sum().backward()
    assert x.grad.tolist() == [0.0]
