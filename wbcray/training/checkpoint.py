"""Weights on disk: safetensors with its hash beside it; never pickle."""

from collections.abc import Mapping
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from wbcray.core.errors import StoreError
from wbcray.store.hashed_file import read_hashed, write_hashed
from wbcray.store.place import Place

STEM = "weights"
"""Of the file of tensors and of the JSON beside it."""


def write_weights(folder: Place, state: Mapping[str, Tensor], about: Mapping[str, Any]) -> str:
    """Write `state` and, last, a JSON with its hash: without the JSON there is no checkpoint.

    Returns the hash, SHA-256 of the file of tensors.

    Raises:
        ResourceError: When the disk is full or refuses to write.
    """
    return write_hashed(folder, STEM, as_bytes(state), about, what="a checkpoint")


def read_weights(folder: Place) -> dict[str, Tensor]:
    """The tensors that `write_weights` wrote.

    Raises:
        StoreError: For a file that is absent, cut short or changed by a single bit.
    """
    try:
        data, _ = read_hashed(folder, STEM)
        return load(data)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise _damaged(folder, str(error)) from error


def as_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """A safetensors file of `tensors`, each row by row and whole, though they may share memory."""
    seen: set[int] = set()
    apart: dict[str, Tensor] = {}
    for name, value in tensors.items():
        plain = value.detach().cpu().contiguous()
        memory = plain.untyped_storage().data_ptr()
        apart[name] = plain.clone() if memory in seen else plain
        seen.add(memory)
    return bytes(save(apart))


def _damaged(folder: Place, reason: str) -> StoreError:
    return StoreError(
        f"the checkpoint cannot be used: {reason}",
        where=str(folder),
        fix="delete the cell's folder and run the same command again: the cell is trained anew",
    )
