"""Checkpoints and outputs of networks that a run keeps, hashed again."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from wbcray.store.audit import CORRUPT, Problem
from wbcray.store.cell import key_of

_WEIGHTS = "the result counts, its weights cannot be used; delete the folder"
_OUTPUTS = "the result counts, what its network said of each image is not shown; delete this file"


def wrong_weights(run: Path) -> Iterator[Problem | None]:
    """For each checkpoint of the run what is wrong with it, or None."""
    for described in sorted(run.glob("cells/*/*/weights*/weights.json")):
        problem = _wrong(run, described, "weights", _WEIGHTS)
        yield replace(problem, path=problem.path.rpartition("/")[0]) if problem else None


def wrong_outputs(run: Path) -> Iterator[Problem | None]:
    """For each file of outputs of the run what is wrong with it, or None."""
    for described in sorted(run.glob("cells/*/*/weights*/outputs.json")):
        yield _wrong(run, described, "outputs", _OUTPUTS)
    for described in sorted(run.glob("sealed/*/*/outputs-*.json")):
        yield _wrong(run, described, "held-out outputs", _OUTPUTS)


def _wrong(run: Path, described: Path, kind: str, then: str) -> Problem | None:
    what = _changed(described)
    if what is None:
        return None
    parts = described.relative_to(run).parts
    key = key_of(*parts[1:3])
    concerns = f"{kind} of cell {key.folder if key else parts[2]}"
    return Problem(path="/".join(parts), what=what, concerns=concerns, then=then)


def _changed(described: Path) -> str | None:
    try:
        said = json.loads(described.read_bytes())
        with (described.parent / said["file"]).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{CORRUPT}: {error}"
    return None if found == said["sha256"] else f"{CORRUPT}: the contents do not match the hash"
