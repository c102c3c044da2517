"""Fill a prepared folder, so that a folder under its final name is always whole.

It is filled under another name, `.<name>.unfinished`, and renamed when complete; who comes after a
process that was killed goes on from its last whole piece. A lock on the unfinished folder lets one
process fill it while others wait; where the file system has no such locks each fills a folder of
its own, and the first to finish wins.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from wbcray.core.errors import DataError, ResourceError
from wbcray.data.prepared.decoding import decode_files
from wbcray.data.prepared.folder import PIXELS, seal
from wbcray.data.prepared.listing import Listing
from wbcray.data.prepared.lock import Lease, NoLocksError, seize
from wbcray.data.prepared.pieces import Pieces
from wbcray.data.prepared.pixel_file import Shape
from wbcray.data.prepared.sources import View

Progress = Callable[[str, int, int], None]
"""Called with a domain's name, images decoded so far, images in all."""


class UnusableImagesError(Exception):
    """Images of a domain cannot be used; `problems` holds one error for each, in order."""

    def __init__(self, problems: Sequence[DataError]) -> None:
        super().__init__(f"{len(problems)} images cannot be used")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A folder that should be there.

    Attributes:
        domain: Whose images they are.
        files: The images.
        view: How they are looked at.
        folder: Where they are to lie.
    """

    domain: str
    files: Listing
    view: View
    folder: Path

    @property
    def shape(self) -> Shape:
        """(images, size, size, 3)."""
        return len(self.files), self.view.size, self.view.size, 3

    @property
    def unfinished(self) -> Path:
        """Where it lies before it is complete."""
        return self.folder.with_name(f".{self.folder.name}.unfinished")

    @property
    def missing_bytes(self) -> int:
        """What has yet to be written, about."""
        if self.folder.exists():
            return 0
        begun = self.unfinished / PIXELS
        written = begun.stat().st_size if begun.exists() else 0
        return max(0, len(self.files) * self.view.size**2 * 3 - written)


def fill(wanted: Wanted, on_progress: Progress | None = None) -> None:
    """Make the folder, unless it is there.

    Raises:
        UnusableImagesError: When any image cannot be used; nothing is left behind.
        ResourceError: When the disk is full or refuses to write; nothing is left behind.
    """
    if wanted.folder.exists():
        return
    try:
        wanted.folder.parent.mkdir(parents=True, exist_ok=True)
        with _folder_to_fill(wanted) as work:
            if work is not None:
                _fill_or_remove(wanted, work, on_progress)
    except OSError as error:
        raise ResourceError(
            f"cannot keep the decoded pixels of '{wanted.domain}': {error.strerror or error}",
            where=str(wanted.folder.parent),
            fix="free space, or set `cache:` in wbcray.yaml to a folder that can be written",
        ) from error


@contextmanager
def _folder_to_fill(wanted: Wanted) -> Iterator[Path | None]:
    """A folder that nobody else fills meanwhile; None when another process has done it all."""
    try:
        lease = _seize_unfinished(wanted)
    except NoLocksError:
        with suppress(OSError):
            wanted.unfinished.rmdir()
        prefix, cache = f".{wanted.folder.name}-", wanted.folder.parent
        with tempfile.TemporaryDirectory(
            prefix=prefix, dir=cache, ignore_cleanup_errors=True
        ) as own:
            yield Path(own)
        return
    try:
        yield wanted.unfinished if lease else None
    finally:
        if lease:
            lease.release()


def _seize_unfinished(wanted: Wanted) -> Lease | None:
    while not wanted.folder.exists():
        wanted.unfinished.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # who had it has just renamed it, or given up
            lease = seize(wanted.unfinished, wait=True)
            if lease.is_on(wanted.unfinished) and not wanted.folder.exists():
                return lease
            if lease.is_on(wanted.unfinished):  # else it is the next one's, and not ours to remove
                with suppress(OSError):  # made above after the other had finished, and empty
                    wanted.unfinished.rmdir()
            lease.release()
    return None


def _fill_or_remove(wanted: Wanted, work: Path, on_progress: Progress | None) -> None:
    try:
        with Pieces(work, wanted.shape) as pieces:
            _decode_into(pieces, wanted, on_progress)
            pieces.finish()
        seal(work, wanted.view, len(wanted.files))
        _rename(work, wanted.folder)
    except (OSError, ResourceError, UnusableImagesError):
        shutil.rmtree(work, ignore_errors=True)
        raise


def _decode_into(pieces: Pieces, wanted: Wanted, on_progress: Progress | None) -> None:
    problems: list[DataError] = []
    done = pieces.images
    with closing(decode_files(wanted.files, wanted.view, first=done)) as outcomes:
        for outcome in outcomes:
            if isinstance(outcome, DataError):
                problems.append(outcome)
            elif not problems:
                pieces.add(outcome.pixels, outcome.row)
            done += 1
            if on_progress is not None:
                on_progress(wanted.domain, done, len(wanted.files))
    if problems:
        raise UnusableImagesError(problems)


def _rename(work: Path, folder: Path) -> None:
    try:
        work.rename(folder)
    except OSError:
        if not folder.exists():  # another process finishing first is no error
            raise
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
