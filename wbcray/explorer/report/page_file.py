"""Put a file where a reader never sees half of it."""

import os
import tempfile
from pathlib import Path

from wbcray.core.errors import ResourceError


def write_page(out: Path, content: str) -> None:
    """Write a page to `out`: the name always points at a whole file.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    write_file(out, content.encode(), what="the report")


def write_file(out: Path, content: bytes, *, what: str) -> None:
    """Write beside `out`, then rename; `what` names it in errors.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    try:
        _replace(out, content)
    except OSError as error:
        raise ResourceError(
            f"{what} cannot be written: {error.strerror}",
            where=str(out),
            fix="give a place in a folder that you may write to",
        ) from error


def _replace(out: Path, content: bytes) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
