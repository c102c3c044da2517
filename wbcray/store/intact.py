"""Records that may be damaged: what is intact of them, where one lost record must not block all."""

import json
import re
from pathlib import Path
from typing import Any

from wbcray.core.digest import sha256_hex
from wbcray.core.errors import StoreError
from wbcray.store.commit import SCHEMA_VERSION, read, too_new
from wbcray.store.place import Place

_HEAD = re.compile(rb'\{"kind":"([^"\\]+)","payload":(?=\{)')
_TAIL = re.compile(rb',"schema":([1-9]),"sha256":"([0-9a-f]{64})"\}\Z')


def read_intact(path: Place, kind: str) -> dict[str, Any] | None:
    """The payload of a record, or None where it is absent or damaged.

    Raises:
        StoreError: When a newer wbcray wrote it: that is no damage.
        ResourceError: When it is there and the system does not give it: it may be whole.
    """
    found = _as_written(path, (kind,)) if isinstance(path, Path) else None
    if found is not None:
        return found[1]
    try:
        return read(path, kind)
    except StoreError as error:
        if too_new(error):
            raise
        return None


def read_one_of(path: Path, kinds: tuple[str, ...]) -> tuple[str, dict[str, Any]] | None:
    """Kind and payload of a record of one of these kinds, as `read_intact`; made for reading many.

    Raises:
        StoreError: As `read_intact`.
        ResourceError: As `read_intact`.
    """
    found = _as_written(path, kinds)
    if found is not None:
        return found
    for kind in kinds:
        payload = read_intact(path, kind)
        if payload is not None:
            return kind, payload
    return None


def _as_written(path: Path, kinds: tuple[str, ...]) -> tuple[str, dict[str, Any]] | None:
    """The record, if not even a blank was added since: then its bytes need no second writing."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    head, tail = _HEAD.match(data), _TAIL.search(data, max(0, len(data) - 120))
    if head is None or tail is None or int(tail[1]) > SCHEMA_VERSION:
        return None
    text, kind = data[head.end() : tail.start()], head[1].decode(errors="replace")
    if kind not in kinds or sha256_hex(text) != tail[2].decode(errors="replace"):
        return None
    return kind, json.loads(text)
