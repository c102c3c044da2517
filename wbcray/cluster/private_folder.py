"""A folder for one local Ray: for its user's eyes only, short enough for sockets, then removed."""

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wbcray.core.errors import ResourceError

_PREFIX = "wbcray-ray-"
_RANDOM = 8
"""Characters that `tempfile.mkdtemp` adds."""
_SOCKET = len("/r/session_2026-01-01_00-00-00_000000_4194304/sockets/plasma_store")
_LONGEST = 107
"""Bytes in the path of a Unix socket, without the zero at its end."""
_ROOM = _LONGEST - _SOCKET - len("/" + _PREFIX) - _RANDOM
_ABANDONED_S = 60
_TRIES, _BETWEEN_S = 20, 0.1


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder with mode 0700, removed at the end; those of dead processes are removed, too.

    Raises:
        ResourceError: When there is no place for it.
    """
    base = _base()
    _remove_abandoned(base)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    try:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        _remove(folder)


def write_token(folder: Path) -> Path:
    """A new random token in a file with mode 0600; it never stands in a command line."""
    path = folder / "token"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    return path


def _base() -> Path:
    given = os.environ.get("RAY_TMPDIR")
    candidates = [*([given] if given else []), tempfile.gettempdir(), "/tmp"]  # noqa: S108
    for candidate in candidates:
        path = Path(candidate).absolute()
        if len(os.fsencode(path)) <= _ROOM and os.access(path, os.W_OK | os.X_OK):
            return path
    raise ResourceError(
        "there is no folder for Ray's sockets: none can be written that has a short path",
        where=", ".join(dict.fromkeys(candidates)),
        fix=f"set RAY_TMPDIR to a folder of yours with at most {_ROOM} characters in its path",
    )


def _remove(folder: Path) -> None:
    """Remove a folder into which a killed process may still be writing."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(_BETWEEN_S)
        if not folder.exists():  # nor was it made anew
            return


def _remove_abandoned(base: Path) -> None:
    """Folders of ours whose process died; a folder is in use while its lock is held."""
    for folder in base.glob(f"{_PREFIX}*"):
        try:
            lock = folder / "lock"
            # One without its lock was removed while a process of Ray still wrote into it.
            info = (lock if lock.exists() else folder).stat()
            if info.st_uid != os.getuid() or time.time() - info.st_mtime < _ABANDONED_S:
                continue
            if not lock.exists():
                shutil.rmtree(folder, ignore_errors=True)
                continue
            with lock.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # in use, or another process removes it right now
