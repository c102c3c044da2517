"""The weights that a fold is judged with: those of its best epoch, or an average."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import final

import numpy as np
from torch import Tensor

from wbcray.methods.base import WeightAverage
from wbcray.models.network import Network


@final
class Best:
    """The weights of the epoch with the highest validation macro F1; the first of equals."""

    def __init__(self) -> None:
        self.epoch = -1
        self.score = -np.inf
        self.weights: dict[str, Tensor] = {}

    def consider(self, epoch: int, score: float, network: Network) -> None:
        """Keep this epoch's weights if they are better; a score of NaN counts as the lowest."""
        value = -1.0 if np.isnan(score) else score
        if value > self.score:
            self.epoch, self.score, self.weights = epoch, value, on_cpu(network.state_dict())


@contextmanager
def judged_weights(network: Network, average: WeightAverage | None) -> Iterator[None]:
    """While this is open, `network` has the weights that an epoch is judged with."""
    own = network.state_dict()
    judged = own if average is None else average.judged(own)
    if judged is own:
        yield
        return
    before = {name: value.clone() for name, value in own.items()}
    network.load_state_dict(judged)
    try:
        yield
    finally:
        network.load_state_dict(before)


def on_cpu(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A copy of a network's state that later training does not touch."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in weights.items()}
