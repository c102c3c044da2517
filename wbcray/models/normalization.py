"""Normalisation layers: batch norm that agrees over workers, frozen batch norm, group norm.

What batch norm knows of a domain can also be estimated anew (`models/statistics.py`).
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


def group_norm(channels: int) -> nn.GroupNorm:
    """Group norm with 32 groups (Wu and He 2018, https://arxiv.org/abs/1803.08494)."""
    return nn.GroupNorm(32, channels)


class FrozenBatchNorm(nn.BatchNorm2d):
    """Batch norm that keeps the statistics it was loaded with; scale and shift still learn."""

    def train(self, mode: bool = True) -> "FrozenBatchNorm":  # noqa: ARG002, FBT001, FBT002  # torch's signature
        """Stay in evaluation mode."""
        super().train(mode=False)
        return self


class _Sum(torch.autograd.Function):
    """A sum over workers whose gradient is the sum of the workers' gradients."""

    @staticmethod
    def forward(_ctx: Any, local: Tensor) -> Tensor:
        total = local.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.contiguous().clone()
        dist.all_reduce(total)
        return total


def sum_over_workers(local: Tensor) -> Tensor:
    """The sum of a tensor over all workers, differentiable."""
    total: Tensor = _Sum.apply(local)
    return total


class SyncedBatchNorm(nn.BatchNorm2d):
    """Batch norm over the batches of all workers, also on CPU.

    torch's own SyncBatchNorm needs a GPU. The sums are reduced in float32 with gradients, so two
    workers with half a batch each compute what one worker computes with the whole.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  # torch's name
        """Normalise [batch, channels, height, width] with global statistics while training."""
        if not self.training or not dist.is_initialized() or dist.get_world_size() == 1:
            plain: Tensor = super().forward(input)
            return plain
        x = input.float()
        count = x.new_tensor([x.numel() / x.shape[1]])
        local = torch.cat([x.sum((0, 2, 3)), (x * x).sum((0, 2, 3)), count])
        total = sum_over_workers(local)
        channels = x.shape[1]
        number = total[-1].detach()
        mean = total[:channels] / number
        variance = total[channels : 2 * channels] / number - mean * mean
        self._track(mean.detach(), variance.detach(), number)
        scale = self.weight * torch.rsqrt(variance.clamp_min(0) + self.eps)
        shift = self.bias - mean * scale
        normal: Tensor = x * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)
        return normal.to(input.dtype)

    def _track(self, mean: Tensor, variance: Tensor, number: Tensor) -> None:
        if self.running_mean is None or self.running_var is None:
            return
        step = self.momentum if self.momentum is not None else 0.1
        self.running_mean.lerp_(mean, step)
        self.running_var.lerp_(variance * number / (number - 1).clamp_min(1), step)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)


def synchronise(network: nn.Module) -> nn.Module:
    """`network` with every trained batch norm replaced by one that agrees over workers."""
    for name, child in network.named_children():
        # Not isinstance: frozen batch norm stays as it is.
        if type(child) is nn.BatchNorm2d:
            setattr(network, name, _synced_copy(child))
        else:
            synchronise(child)
    return network


def _synced_copy(layer: nn.BatchNorm2d) -> nn.Module:
    """Torch's own layer where it runs, on GPUs, and ours elsewhere; they compute the same."""
    kind = nn.SyncBatchNorm if dist.get_backend() == "nccl" else SyncedBatchNorm
    copy = kind(layer.num_features, eps=layer.eps, momentum=layer.momentum)
    copy.load_state_dict(layer.state_dict())
    return copy
