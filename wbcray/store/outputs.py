"""Outputs of a network on disk: beside its checkpoint, and sealed for the held-out domain.

They are caches: a cell without them, or with damaged ones, counts as before.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from wbcray.core.outputs import ImageOutputs
from wbcray.store.cell import CellKey
from wbcray.store.hashed_file import read_hashed, write_hashed
from wbcray.store.place import Place

STEM = "outputs"
"""Of the files beside a checkpoint; those of the held-out domain bear the attempt's number too."""

_TYPES: Mapping[str, type[np.generic]] = {
    "positions": np.int64,
    "domains": np.int64,
    "true": np.int64,
    "predicted": np.int64,
    "probabilities": np.float32,
    "sampled": np.int64,
    "features": np.float16,
    "appearance": np.float32,
}


def sealed_stem(attempt: int) -> str:
    """What the files of an attempt's held-out outputs are called."""
    return f"{STEM}-{attempt:03d}"


def write_outputs(
    folder: Place, stem: str, outputs: ImageOutputs, key: CellKey, attempt: int
) -> None:
    """Write the outputs of one attempt at a cell.

    Raises:
        ResourceError: When the disk is full or refuses to write.
    """
    arrays = {name: np.ascontiguousarray(getattr(outputs, name)) for name in _TYPES}
    about = {"cell": key.folder, "attempt": attempt}
    write_hashed(folder, stem, bytes(save(arrays)), about, what="the outputs of a network")


def read_outputs(folder: Place, stem: str, key: CellKey, attempt: int) -> ImageOutputs | None:
    """What `write_outputs` wrote; None where it is absent, damaged or another cell's."""
    try:
        data, about = read_hashed(folder, stem)
        if (about["cell"], about["attempt"]) != (key.folder, attempt):
            return None
        return _outputs(load(data))
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return None


def _outputs(arrays: Mapping[str, Any]) -> ImageOutputs:
    if any(arrays[name].dtype != wanted for name, wanted in _TYPES.items()):
        raise ValueError("numbers of another type")
    return ImageOutputs(**{name: arrays[name] for name in _TYPES})
