"""Canonical JSON and its hash: the identity of configurations, splits, data and records."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; equal values give equal bytes.

    Raises:
        ValueError: For NaN or infinity, which JSON does not know.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def sha256_hex(data: bytes) -> str:
    """The 64 hexadecimal digits of the SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any, *, length: int = 16) -> str:
    """A stable short name for a JSON value: the first `length` digits of its SHA-256."""
    return sha256_hex(canonical_json(value))[:length]
