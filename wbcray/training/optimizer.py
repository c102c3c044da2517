"""AdamW with warm-up and cosine decay, from the configuration."""

import math

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from wbcray.core.config import OptimizerConfig


def make_optimizer(module: nn.Module, config: OptimizerConfig) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101).

    Norm layers and biases (tensors of one dimension) are not decayed.
    """
    decayed = [p for p in module.parameters() if p.requires_grad and p.ndim > 1]
    plain = [p for p in module.parameters() if p.requires_grad and p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": config.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.lr, fused=True)


def make_schedule(
    optimizer: torch.optim.Optimizer, config: OptimizerConfig, *, steps: int
) -> LambdaLR:
    """Linear warm-up over `config.warmup` of the steps, then half a cosine down to zero."""
    return LambdaLR(optimizer, lambda step: learning_rate_factor(step, steps, config.warmup))


def learning_rate_factor(step: int, steps: int, warmup: float) -> float:
    """Share of the peak learning rate at `step` of `steps`.

    >>> [round(learning_rate_factor(s, 10, 0.2), 2) for s in (0, 1, 2, 6, 10)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    rising = max(1, round(warmup * steps))
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rising) / max(1, steps - rising))))
