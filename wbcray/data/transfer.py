"""From the host to the device, so that a GPU neither waits for the host nor makes it wait."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

Item = TypeVar("Item")

_AHEAD = 2
"""Items that wait to be used: one may take longer than a step, two in a row hardly do."""


def page_locked(values: "np.ndarray[Any, np.dtype[Any]]", device: torch.device) -> Tensor:
    """`values` on the host, where `device` can fetch them by itself.

    From ordinary memory a copy to a GPU makes the host wait until the GPU has done all that it was
    asked before.
    """
    tensor = torch.from_numpy(values)
    return tensor.pin_memory() if device.type == "cuda" else tensor


def to_device(values: "np.ndarray[Any, np.dtype[Any]]", device: torch.device) -> Tensor:
    """`values` on the device; what is asked of it afterwards waits for them, the host does not."""
    return page_locked(values, device).to(device, non_blocking=True)


def ahead(items: Iterator[Item], device: torch.device) -> Iterator[Item]:
    """The same items in the same order; for a GPU, a thread makes the next ones meanwhile.

    A CPU has no time to spare while it trains, so there each is made when it is asked for.

    Raises:
        Exception: What making an item raises, where that item would have come.
    """
    if device.type != "cuda":
        yield from items
        return
    with ThreadPoolExecutor(1) as thread:  # one, so that they stay in order
        waiting = [thread.submit(next, items, None) for _ in range(_AHEAD)]
        while (item := waiting.pop(0).result()) is not None:
            waiting.append(thread.submit(next, items, None))
            yield item
