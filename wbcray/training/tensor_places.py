"""On which device tensors lie and in what order in memory, which a safetensors file does not say.

Sums over tensors that lie differently may be made in another order, so both are put back as they
were: what was interrupted goes on with the same bits.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What is unusual about the places of named tensors.

    Attributes:
        on_host: Those that lie in the memory of the host while training is on a GPU.
        strides: Of those that do not lie row by row (channels last).
    """

    on_host: tuple[str, ...]
    strides: Mapping[str, tuple[int, ...]]


def places_of(tensors: Mapping[str, Tensor], device: torch.device) -> Places:
    """Where `tensors` lie, seen from a training on `device`."""
    strides = {
        name: value.stride()
        for name, value in tensors.items()
        if _same_as(value) == value.stride() != torch.empty(value.shape, device="meta").stride()
    }
    away = tuple(name for name, value in tensors.items() if value.device.type != device.type)
    return Places(on_host=away, strides=strides)


def put(tensors: Mapping[str, Tensor], places: Places, device: torch.device) -> dict[str, Tensor]:
    """Copies of `tensors` at `places`.

    Raises:
        ValueError: For strides that do not belong to a tensor.
    """
    on_host, host = set(places.on_host), torch.device("cpu")
    found = {}
    for name, value in tensors.items():
        there = host if name in on_host else device
        strides = places.strides.get(name)
        if strides is None:
            found[name] = value.to(there, copy=True)
        elif len(strides) != value.dim():
            raise ValueError(f"{name} has {value.dim()} dimensions, not {len(strides)}")
        else:
            empty = torch.empty_strided(value.shape, strides, dtype=value.dtype, device=there)
            found[name] = empty.copy_(value)
    return found


def _same_as(value: Tensor) -> tuple[int, ...]:
    """The strides of a new tensor like `value`: its own, unless parts of it share memory."""
    return torch.empty_like(value, device="meta").stride()
