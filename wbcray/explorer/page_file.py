"""Put a page where a reader never sees half of it."""

import os
import tempfile
from pathlib import Path

from wbcray.core.errors import ResourceError


def write_page(out: Path, content: str) -> None:
    """Write beside `out`, then rename: the name always points at a whole file.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    try:
        _replace(out, content)
    except OSError as error:
        raise ResourceError(
            f"the report cannot be written: {error.strerror}",
            where=str(out),
            fix="give a file in a folder that you may write to",
        ) from error


def _replace(out: Path, content: str) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
