"""A file of tensors and, written last, a JSON with its hash: without the JSON there is no file."""

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from wbcray.core.digest import sha256_hex
from wbcray.core.errors import ResourceError
from wbcray.store import disk
from wbcray.store.bucket import BucketPath
from wbcray.store.place import Place


def write_hashed(
    folder: Place, stem: str, data: bytes, about: Mapping[str, Any], *, what: str
) -> str:
    """Write `stem`.safetensors and `stem`.json; returns the SHA-256 of `data`.

    Args:
        folder: Made if it is not there.
        stem: Of both names.
        data: What the file holds.
        about: What else the JSON says.
        what: How an error calls it.

    Raises:
        ResourceError: When the disk is full or refuses to write.
    """
    name = f"{stem}.safetensors"
    described = {**about, "file": name, "bytes": len(data), "sha256": sha256_hex(data)}
    try:
        _put(folder, name, data)
        _put(folder, f"{stem}.json", json.dumps(described, indent=2, sort_keys=True).encode())
    except OSError as error:
        raise ResourceError(
            f"cannot write {what}: {error.strerror or error}",
            where=str(folder),
            fix="free space or mend the disk, then run the same command again",
        ) from error
    return str(described["sha256"])


def read_hashed(folder: Place, stem: str) -> tuple[bytes, Mapping[str, Any]]:
    """The data that `write_hashed` wrote, and what the JSON says.

    Raises:
        OSError: For a file that is absent.
        ValueError, KeyError, TypeError: For one cut short or changed by a single bit.
    """
    described = json.loads((folder / f"{stem}.json").read_text())
    data = (folder / described["file"]).read_bytes()
    if sha256_hex(data) != described["sha256"]:
        raise ValueError("its contents do not match its hash")
    return data, described


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
