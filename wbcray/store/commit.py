"""Write a record once, whole, for good; read it back only if nothing has changed.

The protocol: write under another name, flush to disk, link to the final name (which fails if the
record exists), flush the folder. Only then is the record acknowledged. A crash at any point leaves
either no record or the whole one.
"""

import errno
import json
import os
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from wbcray.core.digest import canonical_json, sha256_hex
from wbcray.core.errors import ResourceError, StoreError

SCHEMA_VERSION = 1


def commit(path: Path, kind: str, payload: Mapping[str, Any]) -> bool:
    """Commit `payload` as the record `path`; False if there already is one.

    Raises:
        ResourceError: When the disk is full or refuses to write; nothing is acknowledged.
        ValueError: For a payload with NaN or infinity.
    """
    return _put(path, kind, payload, os.link)


def replace(path: Path, kind: str, payload: Mapping[str, Any]) -> None:
    """Write `payload` to `path` in place of what is there; for caches, never for records.

    Raises:
        ResourceError: When the disk is full or refuses to write; the old content stays.
    """
    _put(path, kind, payload, os.replace)


def _put(
    path: Path, kind: str, payload: Mapping[str, Any], place: Callable[[Path, Path], None]
) -> bool:
    envelope = {
        "schema": SCHEMA_VERSION,
        "kind": kind,
        "sha256": sha256_hex(canonical_json(payload)),
        "payload": payload,
    }
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        _make_folder(path.parent)
        _write_through(unfinished, canonical_json(envelope))
        try:
            place(unfinished, path)
        except FileExistsError:
            return False
        _flush_folder(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        with suppress(OSError):  # on a broken disk the error above says more
            unfinished.unlink(missing_ok=True)
    return True


def read(path: Path, kind: str) -> dict[str, Any]:
    """The payload of the record `path`.

    Raises:
        StoreError: When it is absent, damaged, of another kind or written by a newer wbcray.
    """
    try:
        envelope = json.loads(path.read_bytes())
        schema = envelope["schema"]
        if isinstance(schema, int) and schema > SCHEMA_VERSION:
            raise _too_new(path, schema)
        payload = envelope["payload"]
        expected = [SCHEMA_VERSION, kind, sha256_hex(canonical_json(payload))]
        found = [schema, envelope["kind"], envelope["sha256"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _corrupt(path, str(error)) from error
    if found != expected or not isinstance(payload, dict):
        raise _corrupt(path, f"it is not an unchanged '{kind}' record")
    return payload


def is_valid(path: Path, kind: str) -> bool:
    """Whether the record can be read and has not changed."""
    try:
        read(path, kind)
    except StoreError:
        return False
    return True


def _make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, each flushed into the folder that holds it."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _flush_folder(made.parent)


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_write(path: Path, error: OSError) -> ResourceError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return ResourceError(
        f"cannot write a record: {'the disk is full' if full else error.strerror or error}",
        where=str(path),
        fix="free space or mend the disk, then run the same command again; nothing is lost",
    )


def _too_new(path: Path, schema: int) -> StoreError:
    return StoreError(
        f"the record has schema {schema}, this wbcray reads up to {SCHEMA_VERSION}",
        where=str(path),
        fix="upgrade wbcray",
    )


def _corrupt(path: Path, reason: str) -> StoreError:
    return StoreError(
        f"the record is corrupt: {reason}",
        where=str(path),
        fix="`wbcray store verify` lists all such records; a corrupt cell is trained again",
    )
