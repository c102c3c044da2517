"""Networks before any training, kept in memory for the next trial that begins with the same."""

import copy
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import final

from wbcray.models.network import Network

MOST_BYTES = 256 * 1024**2
"""Five of ResNet18, two of ResNet50, whose trainings are long beside its drawing."""


@final
class FirstNetworks:
    """The networks asked for last, of at most `most` bytes together.

    Trials of a study begin each fold with the same weights, and a process serves many trials:
    copying 45 MB takes a fifth of the time that drawing or reading them does.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Network] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Network]) -> Network:
        """A network that is the caller's own, equal to what `make` returns for this `key`."""
        kept = self._kept.pop(key, None)
        if kept is None:
            kept = make()
        if size_of(kept) > self._most:
            return kept
        self._kept[key] = kept
        while sum(map(size_of, self._kept.values())) > self._most:
            self._kept.popitem(last=False)
        return copy.deepcopy(kept)


def size_of(network: Network) -> int:
    """Bytes of its weights and statistics."""
    return sum(value.nbytes for value in network.state_dict().values())
