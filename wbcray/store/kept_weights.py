"""Checkpoints that a run keeps, hashed again."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from wbcray.store.audit import CORRUPT, Problem
from wbcray.store.cell import key_of

_THEN = "the result counts, its weights cannot be used; delete the folder"


def wrong_weights(run: Path) -> Iterator[Problem | None]:
    """For each checkpoint of the run what is wrong with it, or None."""
    for described in sorted(run.glob("cells/*/*/weights*/weights.json")):
        parts = described.relative_to(run).parts
        key = key_of(*parts[1:3])
        what = _wrong(described)
        concerns = f"weights of cell {key.folder if key else parts[2]}"
        path = "/".join(parts[:-1])
        yield Problem(path=path, what=what, concerns=concerns, then=_THEN) if what else None


def _wrong(described: Path) -> str | None:
    try:
        said = json.loads(described.read_bytes())
        with (described.parent / said["file"]).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{CORRUPT}: {error}"
    return None if found == said["sha256"] else f"{CORRUPT}: the contents do not match the hash"
