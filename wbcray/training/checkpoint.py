"""Weights on disk: safetensors with its hash beside it; never pickle."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from wbcray.core.digest import sha256_hex
from wbcray.core.errors import StoreError

WEIGHTS_NAME = "weights.safetensors"


def write_weights(folder: Path, state: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write `state` and, last, a JSON with its hash: without the JSON there is no checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    data = save({name: tensor.contiguous() for name, tensor in state.items()})
    _write_whole(folder / WEIGHTS_NAME, data)
    described = {**about, "file": WEIGHTS_NAME, "bytes": len(data), "sha256": sha256_hex(data)}
    _write_whole(folder / "weights.json", json.dumps(described, indent=2, sort_keys=True).encode())


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The tensors that `write_weights` wrote.

    Raises:
        StoreError: For a file that is absent, cut short or changed by a single bit.
    """
    try:
        described = json.loads((folder / "weights.json").read_text())
        data = (folder / described["file"]).read_bytes()
        if sha256_hex(data) != described["sha256"]:
            raise _damaged(folder, "its contents do not match its hash")
        return load(data)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise _damaged(folder, str(error)) from error


def _write_whole(path: Path, data: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _damaged(folder: Path, reason: str) -> StoreError:
    return StoreError(
        f"the checkpoint cannot be used: {reason}",
        where=str(folder),
        fix="run the same command again; a cell without a valid checkpoint is trained anew",
    )
