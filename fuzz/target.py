"""What a target is, and what must hold of all of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wbcray.core.errors import WbcrayError

MAX_SECONDS = 1.0
"""Processor time that a reader may take for one file."""


class TooSlowError(Exception):
    """A reader took longer than `MAX_SECONDS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A reader of files.

    Attributes:
        name: What it is called on the command line.
        seeds: Files that it reads, for the fuzzer to begin with.
        read: Reads a file; raises a WbcrayError for one that it refuses, and anything else where
            one of its promises does not hold.
    """

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], None]


def accepts(target: Target, content: bytes, path: Path) -> bool:
    """Whether the target reads `content`, which is written to `path` first; False if it refuses.

    Raises:
        TooSlowError: If it takes too long.
        Exception: Whatever else the reader raises: a find.
    """
    path.unlink(missing_ok=True)  # some file systems flush a file that is written over
    path.write_bytes(content)
    began = time.process_time()
    try:
        target.read(path)
        accepted = True
    except WbcrayError as error:
        accepted = False
        if not (error.what and error.fix):
            raise AssertionError(f"an error without what or fix: {error!r}") from error
    seconds = time.process_time() - began
    if seconds > MAX_SECONDS:
        raise TooSlowError(f"{seconds:.2f} s of processor time for {len(content)} bytes")
    return accepted
