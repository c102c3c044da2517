"""Shares from the distribution Beta(alpha, alpha), as a function of uniform numbers.

The distribution is that of mixup: Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR
2018, https://arxiv.org/abs/1710.09412.
"""

from typing import final

import numpy as np
import torch
from jaxtyping import Float
from scipy.special import betaincinv
from torch import Tensor, nn

_CELLS = 2048


@final
class MixingShare(nn.Module):
    """The quantile function of Beta(alpha, alpha), linear between tabulated probabilities.

    The table is exact at equal steps of probability, 1 / 4096 apart. However steep the quantiles
    are between two of them, as near 0 and 1 for a small alpha, the tabulated and the true
    distribution function meet at both, so they never differ by more than that step. Only half of
    the table is kept: the distribution is symmetric, and shares near 0 have digits that those near
    1 have not.
    """

    quantiles: Tensor
    """float32 [2049]: quantiles of the probabilities 0 .. 1/2."""

    def __init__(self, alpha: float) -> None:
        super().__init__()
        table = betaincinv(alpha, alpha, np.linspace(0, 0.5, _CELLS + 1))
        # It follows from alpha, so a checkpoint need not carry it.
        self.register_buffer(
            "quantiles", torch.tensor(table, dtype=torch.float32), persistent=False
        )

    def forward(self, uniform: Float[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """The share of each uniform number in [0, 1]; increasing."""
        position = torch.minimum(uniform, 1 - uniform) * (2 * _CELLS)
        cell = position.long().clamp(max=_CELLS - 1)
        lower = torch.lerp(self.quantiles[cell], self.quantiles[cell + 1], position - cell)
        return torch.where(uniform < 0.5, lower, 1 - lower)  # noqa: PLR2004  # the median
