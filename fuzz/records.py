"""Records: accepted as they were written, or refused; never accepted with another content."""

import json
from pathlib import Path
from typing import Any

from fuzz.target import Target
from wbcray.core.config import Composition, NetworkConfig, OptimizerConfig, Part, TrialConfig
from wbcray.core.digest import canonical_json, sha256_hex
from wbcray.store.cell import KIND, from_json
from wbcray.store.commit import SCHEMA_VERSION
from wbcray.store.commit import read as read_record

_NONE = Part(name="none")
_CONFIG = TrialConfig(
    method=Composition(
        name="erm",
        classification=Part(name="cross_entropy"),
        domain_risk=Part(name="mean"),
        penalty=Part(name="coral", params=(("weight", 0.5),)),
        sampler=Part(name="instance"),
        finish=_NONE,
    ),
    optimizer=OptimizerConfig(lr=0.01),
    network=NetworkConfig(backbone="resnet18", weights="none"),
    image_size=32,
    epochs=1,
    patience=0,
    precision="float32",
)
_EDITS = b"~"
_VALUES = ("null", "true", "-1", "1e308", "[]", "{}", '""', '"x"', "[[[1]]]", "0.5", "123456789")
_COUNTS = [[[3, 0], [0, 1]], [[0, 0], [0, 0]]]
_PAYLOAD: dict[str, Any] = {
    "held_out": "west",
    "fold": 0,
    "seed": 0,
    "config": _CONFIG.as_json(),
    "config_digest": _CONFIG.digest,
    "reports": [
        {
            "fold": 0,
            "epoch": 0,
            "losses": {"erm": 0.25},
            "counts": _COUNTS,
            "learning_rate": 0.01,
            "seconds": 2.0,
        }
    ],
    "best_epoch": 0,
    "counts": _COUNTS,
    "device": "cpu",
    "seconds": 2.5,
    "images": {"train": 8, "validation": 4, "test": 40},
    "provenance": {"threads": 1},
    "data_fingerprint": "0123456789abcdef",
    "split": "fedcba9876543210",
    "attempts": [],
}


def _envelope(payload: Any) -> bytes:
    """A record as the store writes it, and as nobody can who does not know its hash."""
    envelope = {
        "schema": SCHEMA_VERSION,
        "kind": KIND,
        "sha256": sha256_hex(canonical_json(payload)),
        "payload": payload,
    }
    return canonical_json(envelope)


def _edited(edits: bytes) -> dict[str, Any]:
    """The seed's payload with a value replaced or removed by every two bytes of `edits`."""
    payload = json.loads(canonical_json(_PAYLOAD))
    for place, value in zip(edits[::2], edits[1::2], strict=False):
        inside: list[tuple[Any, Any]] = []
        waiting = [payload]
        while waiting:
            one = waiting.pop()
            keys = list(one) if isinstance(one, dict) else range(len(one))
            inside += [(one, key) for key in keys]
            waiting += [one[key] for key in keys if isinstance(one[key], dict | list)]
        if inside:
            parent, key = inside[place % len(inside)]
            if value < len(_VALUES):
                parent[key] = json.loads(_VALUES[value])
            elif isinstance(parent, dict):
                parent[f"{key}{value}"] = parent.pop(key)
            else:
                del parent[key]
    return payload


def _payload(content: bytes) -> dict[str, Any] | None:
    """The payload that `content` means, None where it is anything else, such as a record."""
    if content.startswith(_EDITS):
        return _edited(content.removeprefix(_EDITS))
    try:
        found = json.loads(content)
        canonical_json(found)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and "payload" not in found else None


def read(path: Path) -> None:
    """Read a record, which nothing but the seed's payload may come out of.

    A payload is read as if the store had written it, hash and all.
    """
    payload = _payload(path.read_bytes())
    if payload is not None:
        path.write_bytes(_envelope(payload))
        from_json(read_record(path, KIND), attempt=1)
        return
    found = read_record(path, KIND)
    if canonical_json(found) != canonical_json(_PAYLOAD):
        raise AssertionError("a changed record was accepted")
    if from_json(found, attempt=1).config != _CONFIG:
        raise AssertionError("a record was read as another configuration")


TARGET = Target(
    name="records",
    seeds=(
        _envelope(_PAYLOAD),
        json.dumps(json.loads(_envelope(_PAYLOAD)), indent=1).encode(),
        canonical_json(_PAYLOAD),
        _EDITS,
        _EDITS + b"\x04\x0a\x20\x0b",
    ),
    read=read,
)
