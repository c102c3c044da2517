"""Running mean feature of every observed domain-class pair, kept in buffers.

The moving average is that of Yang et al. 2022, https://arxiv.org/abs/2203.09513.
"""

from typing import final

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

_CHUNK = 4096
"""Rows summed at once: bounds the float64 copy of a long feature table."""


@final
class Centroids(nn.Module):
    """One mean per domain-class pair that has training images.

    Features are summed until `combine`; then the mean of what was seen becomes the centroid the
    first time, and afterwards `momentum * old + (1 - momentum) * mean`. A pair of which nothing was
    seen keeps its centroid, or stays not ready.

    Everything is decided on the device: no call waits for a value to reach the host.
    """

    means: Tensor
    """float32 [pairs, dim]; zero until ready."""
    ready: Tensor
    """bool [pairs]: whether the centroid exists."""
    domains: Tensor
    """int64 [pairs], ascending."""
    labels: Tensor
    """int64 [pairs], ascending within a domain."""
    sums: Tensor
    seen: Tensor
    steps: Tensor
    pair_of: Tensor

    def __init__(
        self, counts: Int[Tensor, "domains classes"], *, dim: int, momentum: float, interval: int
    ) -> None:
        """Start without any centroid.

        Args:
            counts: Training images per pair; pairs with zero never appear.
            dim: Width of the features.
            momentum: Weight of the old centroid in `combine`.
            interval: Calls of `step` between two calls of `combine`.
        """
        super().__init__()
        self.momentum = momentum
        self.interval = interval
        observed = (counts > 0).nonzero()
        pairs = len(observed)
        # Images of a pair without training images are counted in a row that is thrown away.
        pair_of = torch.full(counts.shape, pairs, dtype=torch.int64, device=counts.device)
        pair_of[observed[:, 0], observed[:, 1]] = torch.arange(pairs, device=counts.device)
        self.register_buffer("pair_of", pair_of)
        self.register_buffer("domains", observed[:, 0].clone())
        self.register_buffer("labels", observed[:, 1].clone())
        self.register_buffer("means", torch.zeros(pairs, dim))
        self.register_buffer("ready", torch.zeros(pairs, dtype=torch.bool))
        self.register_buffer("sums", torch.zeros(pairs, dim, dtype=torch.float64))
        self.register_buffer("seen", torch.zeros(pairs, dtype=torch.int64))
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def add(
        self,
        features: Float[Tensor, "images dim"],
        labels: Int[Tensor, " images"],
        domains: Int[Tensor, " images"],
    ) -> None:
        """Sum features by pair."""
        pairs = len(self.seen)
        members = self.pair_of[domains, labels]
        for rows, member in zip(features.split(_CHUNK), members.split(_CHUNK), strict=True):
            # A product with zeros and ones in float64: exact enough, and the same in every run,
            # which scattered additions on a GPU are not.
            one_hot = F.one_hot(member, pairs + 1)[:, :pairs]
            with torch.autocast(device_type=features.device.type, enabled=False):
                self.sums += one_hot.T.double() @ rows.double()
            self.seen += one_hot.sum(0)

    def combine(self) -> None:
        """Move the centroids to what was seen, and forget it."""
        self._combine(torch.ones_like(self.steps, dtype=torch.bool))

    def step(
        self,
        features: Float[Tensor, "images dim"],
        labels: Int[Tensor, " images"],
        domains: Int[Tensor, " images"],
    ) -> None:
        """`add` the features of a training step, and `combine` every `interval` steps."""
        self.add(features, labels, domains)
        self.steps += 1
        self._combine(self.steps % self.interval == 0)

    @torch.no_grad()
    def _combine(self, due: Bool[Tensor, ""]) -> None:
        fresh = (self.sums / self.seen.clamp(min=1)[:, None]).to(self.means.dtype)
        moved = torch.lerp(fresh, self.means, self.momentum)
        renewed = due & (self.seen > 0)
        value = torch.where(self.ready[:, None], moved, fresh)
        self.means.copy_(torch.where(renewed[:, None], value, self.means))
        self.ready |= renewed
        self.sums.masked_fill_(due, 0)
        self.seen.masked_fill_(due, 0)
