"""A layer that is the identity forward and turns the gradient round backward.

Ganin et al., "Domain-Adversarial Training of Neural Networks", JMLR 2016,
https://arxiv.org/abs/1505.07818.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


class _Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradients[0], None


def gradient_reversal(x: Float[Tensor, "*shape"], strength: float) -> Float[Tensor, "*shape"]:
    """`x` itself, with gradient `-strength` times the one that arrives.

    What comes after learns to minimise a loss while what comes before learns to maximise
    `strength` times it, in one step of one optimizer. As in the paper.
    """
    reversed_: Tensor = _Reverse.apply(x, strength)
    return reversed_
