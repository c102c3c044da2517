"""Means of the weights of a network over many steps, updated in place.

Weights are a `state_dict`. Its floating-point tensors are averaged, running statistics of batch
norm among them; whole numbers are not.
"""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from wbcray.methods.named_tensors import below, under


@final
class ArithmeticMean:
    """The mean of all weights added so far.

    Sums are kept in float64: a running mean in float32 stops moving after many steps, when what a
    step adds to it falls under its last digit.
    """

    def __init__(self) -> None:
        self.count = 0
        self._sums: dict[str, Tensor] = {}
        self._types: dict[str, torch.dtype] = {}

    @torch.no_grad()
    def add(self, weights: Mapping[str, Tensor]) -> None:
        """Count `weights` once more."""
        self.count += 1
        if self.count == 1:
            found = _floating(weights)
            self._sums = {name: value.to(torch.float64, copy=True) for name, value in found.items()}
            self._types = {name: value.dtype for name, value in found.items()}
        else:
            torch._foreach_add_(list(self._sums.values()), [weights[name] for name in self._sums])

    @torch.no_grad()
    def mean(self) -> dict[str, Tensor]:
        """New tensors of the types of the weights."""
        return {
            name: (value / self.count).to(self._types[name]) for name, value in self._sums.items()
        }

    def state(self) -> dict[str, Tensor]:
        """Live tensors from which `restore` makes the same mean."""
        types = {name: torch.empty(0, dtype=kind) for name, kind in self._types.items()}
        return {
            "count": torch.tensor(self.count),
            **under("sum", self._sums),
            **under("like", types),
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Be the mean whose `state` this was; its tensors are taken over."""
        self.count = int(state["count"])
        self._sums = below("sum", state)
        self._types = {name: value.dtype for name, value in below("like", state).items()}


@final
class ExponentialMean:
    """A mean in which a step counts less the longer ago it was.

    After k steps the mean moves by 1 - min(decay, (1 + k) / (10 + k)) of the way to the weights, so
    that a young mean forgets its beginning: until the first bound is reached, what it remembers is
    about a ninth of the steps so far. It starts at the first weights.
    """

    def __init__(self, decay: float) -> None:
        self.count = 0
        self._decay = decay
        self._mean: dict[str, Tensor] = {}

    @torch.no_grad()
    def add(self, weights: Mapping[str, Tensor]) -> None:
        """Move towards `weights`."""
        if self.count == 0:
            self._mean = {name: value.clone() for name, value in _floating(weights).items()}
        else:
            decay = min(self._decay, (1 + self.count) / (10 + self.count))
            torch._foreach_lerp_(
                list(self._mean.values()), [weights[name] for name in self._mean], 1 - decay
            )
        self.count += 1

    def mean(self) -> dict[str, Tensor]:
        """New tensors of the types of the weights."""
        return {name: value.clone() for name, value in self._mean.items()}

    def state(self) -> dict[str, Tensor]:
        """Live tensors from which `restore` makes the same mean, given the same decay."""
        return {"count": torch.tensor(self.count), **under("mean", self._mean)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Be the mean whose `state` this was; its tensors are taken over."""
        self.count = int(state["count"])
        self._mean = below("mean", state)


def completed(mean: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All tensors that `weights` has, on their devices: those of `mean`, copies of the others."""
    return {
        name: mean[name].to(value.device) if name in mean else value.detach().clone()
        for name, value in weights.items()
    }


def _floating(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach() for name, value in weights.items() if value.is_floating_point()}
