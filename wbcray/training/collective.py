"""What several workers of one training do together; with one worker each is the identity."""

from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from wbcray.core.result import Counts


def world_size() -> int:
    """Workers that train this network together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Number of this worker, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


class _Interleave(torch.autograd.Function):
    """Rows of all workers in the order of the global batch."""

    @staticmethod
    def forward(_ctx: Any, local: Tensor) -> Tensor:
        parts = [torch.empty_like(local) for _ in range(world_size())]
        dist.all_gather(parts, local.contiguous())
        return torch.stack(parts, dim=1).flatten(0, 1)

    @staticmethod
    def backward(_ctx: Any, gradient: Tensor) -> Tensor:
        # Every worker computes the same global loss and DDP averages gradients over workers, so
        # each hands back its own rows, as many times as there are workers.
        mine = gradient[rank() :: world_size()]
        return mine * world_size()


def gather(local: Tensor) -> Tensor:
    """[workers * batch, ...]: row r of worker w becomes row r * workers + w; differentiable."""
    if world_size() == 1:
        return local
    gathered: Tensor = _Interleave.apply(local)
    return gathered


def gather_uneven(local: Tensor, total: int) -> Tensor:
    """`total` rows dealt out to workers in turn, brought together again (no gradient)."""
    if world_size() == 1:
        return local
    longest = -(-total // world_size())
    padded = local.new_zeros((longest, *local.shape[1:]))
    padded[: len(local)] = local
    parts = [torch.empty_like(padded) for _ in range(world_size())]
    dist.all_gather(parts, padded)
    return torch.stack(parts, dim=1).flatten(0, 1)[:total]


def sum_counts(counts: Counts, device: torch.device) -> Counts:
    """Counts of all workers; integer sums, so exact and free of order."""
    if world_size() == 1:
        return counts
    total = torch.from_numpy(counts).to(device)
    dist.all_reduce(total)
    summed: Counts = total.cpu().numpy().astype(np.int64)
    return summed


def sum_over_workers(value: Tensor) -> Tensor:
    """The sum of a tensor over all workers (no gradient)."""
    if world_size() == 1:
        return value
    total = value.clone()
    dist.all_reduce(total)
    return total


def wrap(learner: nn.Module, device: torch.device) -> nn.Module:
    """`learner` with gradients averaged over workers."""
    if world_size() == 1:
        return learner
    return DistributedDataParallel(
        learner,
        device_ids=[device] if device.type == "cuda" else None,
        # Buffers agree already: batch norm is synchronised and methods see the global batch.
        forward_sync_buffers=False,
        # A penalty may leave its own parameters out of a step (a batch with one domain).
        find_unused_parameters=_method_learns(learner),
    )


def _method_learns(learner: nn.Module) -> bool:
    method = getattr(learner, "method", None)
    return isinstance(method, nn.Module) and any(True for _ in method.parameters())


def least(value: int, device: torch.device) -> int:
    """The smallest of the numbers that the workers give."""
    if world_size() == 1:
        return value
    smallest = torch.tensor(value, device=device)
    dist.all_reduce(smallest, op=dist.ReduceOp.MIN)
    return int(smallest)


def barrier() -> None:
    """Wait until all workers are here."""
    if world_size() > 1:
        dist.barrier()
