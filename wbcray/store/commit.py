"""Write a record once, whole, for good; read it back only if nothing has changed.

The protocol: write under another name, flush to disk, link to the final name (which fails if the
record exists), flush the folder. Only then is the record acknowledged. A crash at any point leaves
either no record or the whole one.
"""

import errno
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from wbcray.core.digest import canonical_json, sha256_hex
from wbcray.core.errors import ResourceError, StoreError
from wbcray.store import disk
from wbcray.store.bucket import BucketPath
from wbcray.store.place import Place

SCHEMA_VERSION = 2
"""Of what is written. 1 knew no attempts but finished ones; such records are read as they are."""

_READABLE = (1, SCHEMA_VERSION)

UPGRADE = "upgrade wbcray"
"""The fix for a record of a newer schema, and for no other."""


def commit(path: Place, kind: str, payload: Mapping[str, Any]) -> bool:
    """Commit `payload` as the record `path`; False if there already is one.

    Raises:
        ResourceError: When the disk is full or refuses to write; nothing is acknowledged.
        ValueError: For a payload with NaN or infinity.
    """
    data = _envelope(kind, payload)
    if isinstance(path, BucketPath):
        with _explained(path):
            return path.create(data)
    return _put(path, data, _place)


def replace(path: Place, kind: str, payload: Mapping[str, Any]) -> None:
    """Write `payload` to `path` in place of what is there; for caches, never for records.

    Raises:
        ResourceError: When the disk is full or refuses to write; the old content stays.
    """
    data = _envelope(kind, payload)
    if isinstance(path, BucketPath):
        with _explained(path):
            path.write_bytes(data)
    else:
        _put(path, data, _put_in_place)


def _envelope(kind: str, payload: Mapping[str, Any]) -> bytes:
    return canonical_json(
        {
            "schema": SCHEMA_VERSION,
            "kind": kind,
            "sha256": sha256_hex(canonical_json(payload)),
            "payload": payload,
        }
    )


def _put(path: Path, data: bytes, place: Callable[[Path, Path], bool]) -> bool:
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with _explained(path):
        try:
            _make_folders(path.parent)
            _write_through(unfinished, data)
            if not place(unfinished, path):
                return False
            disk.flush_folder(path.parent)
        finally:
            with suppress(OSError):  # on a broken disk the first error says more
                disk.remove(unfinished)
    return True


@contextmanager
def _explained(path: Place) -> Iterator[None]:
    """A disk or bucket that refuses is a user's matter."""
    try:
        yield
    except OSError as error:
        raise _cannot_write(path, error) from error


def _place(unfinished: Path, path: Path) -> bool:
    try:
        return disk.link(unfinished, path)
    except NotImplementedError:
        return disk.rename_new(unfinished, path)


def _put_in_place(unfinished: Path, path: Path) -> bool:
    disk.rename(unfinished, path)
    return True


def read(path: Place, kind: str) -> dict[str, Any]:
    """The payload of the record `path`.

    Raises:
        StoreError: When it is absent, damaged, of another kind or written by a newer wbcray.
        ResourceError: When it is there and the system does not give it: it may be whole.
    """
    data = _bytes_of(path)
    try:
        envelope = json.loads(data)
        schema = envelope["schema"]
        if isinstance(schema, int) and schema > SCHEMA_VERSION:
            raise _too_new(path, schema)
        payload = envelope["payload"]
        expected = [kind, sha256_hex(canonical_json(payload))]
        found = [envelope["kind"], envelope["sha256"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _corrupt(path, "it is not a record any more, it may be cut short") from error
    if found != expected or schema not in _READABLE or not isinstance(payload, dict):
        raise _corrupt(path, f"it is not an unchanged '{kind}' record")
    return payload


def is_valid(path: Place, kind: str) -> bool:
    """Whether the record is there and has not changed.

    Raises:
        ResourceError: When the system does not say.
    """
    try:
        read(path, kind)
    except StoreError:
        return False
    return True


def kind_of(path: Place) -> str:
    """What the record says it is, not yet checked; empty where it does not even say that.

    Raises:
        ResourceError: When the system does not give it.
    """
    try:
        kind = json.loads(_bytes_of(path))["kind"]
    except (StoreError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return kind if isinstance(kind, str) else ""


def _bytes_of(path: Place) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise _corrupt(path, str(error)) from error
    except OSError as error:
        # Neither absent nor damaged: to train such a cell again would be to count it twice.
        raise ResourceError(
            f"cannot read a record: {error.strerror or error}",
            where=str(path),
            fix="mend the disk or the permissions, then run the same command again",
        ) from error


def _make_folders(folder: Path) -> None:
    """Make `folder` and what is missing above it, each flushed into the folder that holds it."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for made in reversed(missing):
        disk.make_folder(made)
        disk.flush_folder(made.parent)


def _write_through(path: Path, data: bytes) -> None:
    handle = disk.create(path)
    try:
        disk.write(handle, data)
        disk.flush(handle)
    finally:
        disk.close(handle)


def _cannot_write(path: Place, error: OSError) -> ResourceError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return ResourceError(
        f"cannot write a record: {'the disk is full' if full else error.strerror or error}",
        where=str(path),
        fix="free space or mend the disk, then run the same command again; nothing is lost",
    )


def too_new(error: StoreError) -> bool:
    """Whether a newer wbcray wrote the record, which then is whole: no damage to be mended."""
    return error.fix == UPGRADE


def _too_new(path: Place, schema: int) -> StoreError:
    return StoreError(
        f"the record has schema {schema}, this wbcray reads up to {SCHEMA_VERSION}",
        where=str(path),
        fix=UPGRADE,
    )


def _corrupt(path: Place, reason: str) -> StoreError:
    return StoreError(
        f"the record is corrupt: {reason}",
        where=str(path),
        fix="`wbcray store verify` lists all such records and says what becomes of each",
    )
