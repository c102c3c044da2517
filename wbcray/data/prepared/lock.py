"""Locks on folders: who fills one, and who has one open; they die with the process.

The lock is on the folder itself and moves with it when it is renamed, so nothing is left behind.
"""

import errno
import fcntl
import os
import weakref
from pathlib import Path
from typing import final

_UNKNOWN_THERE = (errno.ENOLCK, errno.ENOTSUP, errno.EBADF, errno.EINVAL, errno.ENOSYS)
"""What file systems answer that have no locks on folders; NFS is one of them."""


class NoLocksError(Exception):
    """The file system has no locks on folders."""


@final
class Lease:
    """A lock on a folder, held until it is released or nobody refers to it any more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._close = weakref.finalize(self, os.close, descriptor)

    def is_on(self, folder: Path) -> bool:
        """Whether the folder of that name is the one that is locked."""
        try:
            found, held = folder.stat(), os.fstat(self._descriptor)
        except FileNotFoundError:
            return False
        return (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino)

    def release(self) -> None:
        """Let others have it."""
        self._close()


def share(folder: Path) -> Lease:
    """Have the folder open, together with others; waits for who has it to himself.

    Raises:
        FileNotFoundError: When there is no such folder.
        NoLocksError: Where the file system has none.
    """
    return _lock(folder, fcntl.LOCK_SH)


def seize(folder: Path, *, wait: bool) -> Lease:
    """Have the folder to oneself.

    Raises:
        BlockingIOError: When another has it open and one does not `wait`.
        FileNotFoundError: When there is no such folder.
        NoLocksError: Where the file system has none.
    """
    return _lock(folder, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock(folder: Path, kind: int) -> Lease:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, kind)
    except OSError as error:
        os.close(descriptor)
        if error.errno in _UNKNOWN_THERE:
            raise NoLocksError(str(folder)) from error
        raise
    except BaseException:  # Ctrl-C while waiting
        os.close(descriptor)
        raise
    return Lease(descriptor)
