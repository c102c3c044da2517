"""Classifiers other than the plain linear one.

The cosine classifier is that of Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face
Recognition", CVPR 2018, https://arxiv.org/abs/1801.09414, and of LDAM,
https://arxiv.org/abs/1906.07413.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

_SMALLEST = 1e-24
"""Squared length below which a vector has no direction."""


@final
class CosineLinear(nn.Linear):
    """Logits are the cosines between the features and the weights of each class.

    They lie in [-1, 1], so that a loss has to scale them. Features of length zero have cosine 0
    with every class, and no gradient.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features, bias=False)

    def forward(self, input: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch classes"]:  # noqa: A002  # the name of the base class
        """Cosines in float32 (float64 for float64 features), also under autocast."""
        with torch.autocast(device_type=input.device.type, enabled=False):
            exact = input if input.dtype == torch.float64 else input.float()
            cosines = F.linear(_unit(exact), _unit(self.weight.to(exact.dtype)))
            return cosines.clamp(-1.0, 1.0)  # rounding


def _unit(vectors: Float[Tensor, "rows dim"]) -> Float[Tensor, "rows dim"]:
    squared = vectors.square().sum(dim=1, keepdim=True)
    long_enough = squared > _SMALLEST
    # The inner `where` keeps the infinite slope of the root at zero out of the gradient.
    lengths = torch.where(long_enough, squared, torch.ones_like(squared)).sqrt()
    return torch.where(long_enough, vectors / lengths, torch.zeros_like(vectors))
