"""Weights on disk: safetensors with its hash beside it; never pickle."""

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from wbcray.core.digest import sha256_hex
from wbcray.core.errors import ResourceError, StoreError
from wbcray.store import disk
from wbcray.store.bucket import BucketPath, Place

WEIGHTS_NAME = "weights.safetensors"


def write_weights(folder: Place, state: Mapping[str, Tensor], about: Mapping[str, Any]) -> str:
    """Write `state` and, last, a JSON with its hash: without the JSON there is no checkpoint.

    Returns the hash, SHA-256 of the file of tensors.

    Raises:
        ResourceError: When the disk is full or refuses to write.
    """
    data = as_bytes(state)
    described = {**about, "file": WEIGHTS_NAME, "bytes": len(data), "sha256": sha256_hex(data)}
    try:
        _put(folder, WEIGHTS_NAME, data)
        _put(folder, "weights.json", json.dumps(described, indent=2, sort_keys=True).encode())
    except OSError as error:
        raise ResourceError(
            f"cannot write a checkpoint: {error.strerror or error}",
            where=str(folder),
            fix="free space or mend the disk, then run the same command again",
        ) from error
    return str(described["sha256"])


def read_weights(folder: Place) -> dict[str, Tensor]:
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


def _put(folder: Place, name: str, data: bytes) -> None:
    if isinstance(folder, BucketPath):
        (folder / name).write_bytes(data)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, data)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name, flush it and give it its name; no half file stays behind.

    Raises:
        OSError: When the disk is full or refuses to write; what had the name still has it.
    """
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        handle = disk.create(unfinished)
        try:
            disk.write(handle, data)
            disk.flush(handle)
        finally:
            disk.close(handle)
        disk.rename(unfinished, path)
        disk.flush_folder(path.parent)
    finally:
        with suppress(OSError):  # on a broken disk the first error says more
            disk.remove(unfinished)


def _damaged(folder: Place, reason: str) -> StoreError:
    return StoreError(
        f"the checkpoint cannot be used: {reason}",
        where=str(folder),
        fix="delete the cell's folder and run the same command again: the cell is trained anew",
    )
