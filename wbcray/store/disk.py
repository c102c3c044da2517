"""The system calls of the commit protocol, one small function each: where it can fail."""

import errno
import fcntl
import os
from pathlib import Path

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What file systems without hard links answer (FAT, some SMB and FUSE mounts)."""


def make_folder(folder: Path) -> None:
    """Make one folder whose parent is there; another may be making it, too."""
    folder.mkdir(exist_ok=True)


def create(path: Path) -> int:
    """Open a file that does not exist yet."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)


def write(handle: int, data: bytes) -> None:
    """Write all of `data`; the system may take it in pieces."""
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def flush(handle: int) -> None:
    """Wait until the file's contents are on the disk."""
    os.fsync(handle)


def close(handle: int) -> None:
    """Close a file; a network file system says only here that it could not write."""
    os.close(handle)


def link(unfinished: Path, final: Path) -> bool:
    """Give a whole file its final name; False if that name is taken.

    Raises:
        NotImplementedError: On a file system without hard links.
    """
    try:
        os.link(unfinished, final)
    except FileExistsError:
        # NFS repeats a request whose answer was lost, and then finds its own work.
        return unfinished.samefile(final)
    except OSError as error:
        if error.errno in _NO_LINKS:
            raise NotImplementedError from error
        raise
    return True


def rename_new(unfinished: Path, final: Path) -> bool:
    """As `link`, where there are no hard links: under a lock, which the kernel gives back."""
    lock = os.open(final.parent / ".commit.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if final.exists():
            return False
        rename(unfinished, final)
        return True
    finally:
        os.close(lock)


def rename(unfinished: Path, final: Path) -> None:
    """Give a whole file its final name, in place of what had it."""
    unfinished.replace(final)


def flush_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Take a name away, if it is there."""
    path.unlink(missing_ok=True)
