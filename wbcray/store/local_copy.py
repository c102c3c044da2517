"""What this machine keeps of a run in a bucket: a copy to read from, and a place for caches.

Records never change, so a copy of one is right for good: only names that are new or were replaced
are fetched. A run in a folder is its own copy.
"""

import fcntl
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from wbcray.core.digest import digest
from wbcray.core.errors import StoreError
from wbcray.store.bucket import BucketPath
from wbcray.store.hashed_file import write_whole
from wbcray.store.place import Place

VARIABLE = "WBCRAY_COPIES"
"""The folder of all copies, in place of `$XDG_CACHE_HOME/wbcray/runs`."""

_AT_ONCE = 16
_FETCHED = "fetched.json"
"""What the copy holds of the bucket, by name; everything else in its folder is this machine's."""
_PASSING = ("ray/", "progress/", ".probe-")
_NETWORK = "/weights.safetensors"


@dataclass(frozen=True, slots=True)
class _Object:
    """An object of the run: its name below the run, and what changes with its contents."""

    name: str
    tag: str

    @property
    def turn(self) -> tuple[int, str]:
        """When it is fetched: a record comes after what it speaks of."""
        if self.name.endswith(".safetensors"):
            return 0, self.name
        return (1 if self.name.startswith("sealed/") else 2), self.name


def folder_of(run: Place) -> Path:
    """The folder on this machine for what a run's caches are: Ray's, Optuna's, the tables.

    The run itself where it lies in a folder; where it lies in a bucket, its copy.
    """
    if isinstance(run, Path):
        return run
    return _copies() / digest(run.url, length=12) / run.name


def pulled(run: Place, *, networks: bool = False) -> Path:
    """The run's folder on this machine, up to date with its bucket; what was deleted there goes.

    `networks`: Fetch checkpoints, too.

    Raises:
        OSError: When the bucket does not answer, or this machine has no room.
        StoreError: For a name in the bucket that would leave the folder.
    """
    folder = folder_of(run)
    if isinstance(run, BucketPath):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".fetching").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _pull(run, folder, networks=networks)
    return folder


@contextmanager
def kept_fresh(run: Place, *, seconds: float) -> Iterator[Path]:
    """The run's folder as `pulled`, pulled again and again while the block runs.

    Between two pulls lie `seconds`, and more where a pull takes long.
    """
    folder = pulled(run)
    over = threading.Event()

    def go_on() -> None:
        pause = seconds
        while not over.wait(pause):
            began = time.monotonic()
            with suppress(OSError, StoreError):  # the next one may succeed; the old copy is right
                pulled(run)
            pause = max(seconds, 2 * (time.monotonic() - began))

    thread = threading.Thread(target=go_on, daemon=True, name="copy of a bucket")
    if isinstance(run, BucketPath):
        thread.start()
    try:
        yield folder
    finally:
        over.set()
        if thread.is_alive():
            thread.join(timeout=seconds)


def _copies() -> Path:
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given).absolute()
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # a container's user need not have a home
        cache = Path(tempfile.gettempdir()) / f"cache-{os.getuid()}"
    return cache / "wbcray" / "runs"


def _pull(run: BucketPath, folder: Path, *, networks: bool) -> None:
    known = _known(folder)
    present = {
        one.name: one for one in _objects(run) if networks or not one.name.endswith(_NETWORK)
    }
    new = [
        one
        for one in present.values()
        if known.get(one.name) != one.tag or not (folder / one.name).exists()
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for turn in range(3):
            same = [one for one in new if one.turn[0] == turn]
            list(pool.map(lambda one: _fetch(run, folder, one.name), same))
    gone = [
        name for name in known if name not in present and (networks or not name.endswith(_NETWORK))
    ]
    for name in gone:
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)
    kept = {name: tag for name, tag in known.items() if name not in gone}
    now = kept | {name: one.tag for name, one in present.items()}
    if now != known:
        write_whole(folder / _FETCHED, json.dumps(now, sort_keys=True).encode())


def _known(folder: Path) -> Mapping[str, str]:
    try:
        found = json.loads((folder / _FETCHED).read_bytes())
    except (OSError, ValueError):  # then everything is fetched again
        return {}
    return found if isinstance(found, dict) else {}


def _objects(run: BucketPath) -> Iterator[_Object]:
    """What lies in the bucket below the run, but for what passes."""
    prefix = f"{run.key}/"
    for found in run.listing():
        name = found.key.removeprefix(prefix)
        if name.startswith(_PASSING) or "/progress/" in name or _is_beat(name):
            continue
        yield _Object(_checked(run, name), found.tag)


def _is_beat(name: str) -> bool:
    return PurePosixPath(name).name.startswith("beat-")


def _checked(run: BucketPath, name: str) -> str:
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise StoreError(
            f"the bucket holds a name that is no record's: {name!r:.80}",
            where=str(run),
            fix="delete that object; nothing else was fetched after it",
        )
    return name


def _fetch(run: BucketPath, folder: Path, name: str) -> None:
    try:
        data = (run / name).read_bytes()
    except FileNotFoundError:  # deleted since it was listed
        return
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
