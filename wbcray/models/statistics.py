"""Running statistics of batch norm, estimated anew on other images than those of training.

Li et al., "Revisiting Batch Normalization For Practical Domain Adaptation", 2017,
https://arxiv.org/abs/1603.04779.
"""

from collections.abc import Callable
from typing import final

import torch
from torch import Tensor, nn

from wbcray.models.normalization import FrozenBatchNorm

TrainedBatchNorm = nn.BatchNorm2d | nn.SyncBatchNorm


@final
class _Estimate:
    """Mean and variance of one layer's input over all images that went through it."""

    def __init__(self, layer: TrainedBatchNorm, *, kept: float) -> None:
        self._layer = layer
        self._kept = kept
        self._before = (_running(layer)[0].clone(), _running(layer)[1].clone())
        self._means: list[tuple[int, Tensor, Tensor]] = []

    def see(self, _layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        """Take the moments of a batch, and let it pass as those moments say."""
        x = inputs[0].float()
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        self._means.append((len(x), mean, variance))
        self._set(mean, variance)

    def settle(self) -> None:
        """Give the layer the moments of all batches together; without any, what it had."""
        if not self._means:
            return
        images = sum(number for number, _, _ in self._means)
        mean = sum(
            (m * (n / images) for n, m, _ in self._means), torch.zeros(()).to(self._before[0])
        )
        # The law of total variance: within the batches, and between their means.
        variance = sum(
            ((v + (m - mean) ** 2) * (n / images) for n, m, v in self._means),
            torch.zeros_like(mean),
        )
        self._set(mean, variance)

    def _set(self, mean: Tensor, variance: Tensor) -> None:
        running_mean, running_variance = _running(self._layer)
        running_mean.copy_(torch.lerp(mean, self._before[0], self._kept))
        running_variance.copy_(torch.lerp(variance, self._before[1], self._kept))


@torch.no_grad()
def estimate_statistics(network: nn.Module, show: Callable[[], None], *, kept: float = 0.0) -> None:
    """Replace the running statistics of all trained batch norm of `network`.

    Every layer normalises what it is shown by the moments of the batch itself, as in training, so
    that deeper layers see inputs of the new kind. Frozen batch norm and group norm stay.

    Args:
        network: In evaluation mode.
        show: Runs images through the network, in batches that are alike.
        kept: Share of the statistics as they were, 0 to 1.
    """
    layers = [
        layer
        for layer in network.modules()
        if isinstance(layer, TrainedBatchNorm)
        and not isinstance(layer, FrozenBatchNorm)
        and layer.running_mean is not None
    ]
    if not layers:
        return
    estimates = [_Estimate(layer, kept=kept) for layer in layers]
    hooks = [
        layer.register_forward_pre_hook(one.see)
        for layer, one in zip(layers, estimates, strict=True)
    ]
    try:
        show()
    finally:
        for hook in hooks:
            hook.remove()
    for one in estimates:
        one.settle()


def _running(layer: TrainedBatchNorm) -> tuple[Tensor, Tensor]:
    if layer.running_mean is None or layer.running_var is None:
        raise TypeError("the layer keeps no running statistics")
    return layer.running_mean, layer.running_var
