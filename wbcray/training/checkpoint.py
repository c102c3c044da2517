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
from wbcray.core.errors import ResourceError, StoreError

WEIGHTS_NAME = "weights.safetensors"


def write_weights(folder: Path, state: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write `state` and, last, a JSON with its hash: without the JSON there is no checkpoint.

    Raises:
        ResourceError: When the disk is full or refuses to write.
    """
    data = save({name: tensor.contiguous() for name, tensor in state.items()})
    described = {**about, "file": WEIGHTS_NAME, "bytes": len(data), "sha256": sha256_hex(data)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / WEIGHTS_NAME, data)
        text = json.dumps(described, indent=2, sort_keys=True)
        _write_whole(folder / "weights.json", text.encode())
    except OSError as error:
        raise ResourceError(
            f"cannot write a checkpoint: {error.strerror or error}",
            where=str(folder),
            fix="free space or mend the disk, then run the same command again",
        ) from error


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
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _damaged(folder: Path, reason: str) -> StoreError:
    return StoreError(
        f"the checkpoint cannot be used: {reason}",
        where=str(folder),
        fix="delete the cell's folder and run the same command again: the cell is trained anew",
    )
