"""What killed processes leave in a run's folder: unfinished files, states and beats nobody needs.

Only whoever drives the run removes it. A worker that a driver before it left behind may still be
writing: it then finds its file gone, its attempt fails, and that was given up anyway.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from wbcray.core.errors import ResourceError
from wbcray.store.cell import KIND
from wbcray.store.commit import kind_of
from wbcray.store.place import Place, delete_tree, listed

_OF_A_COMMIT = re.compile(r"\..+\.[0-9a-f]{32}")
_OF_A_PROCESS = re.compile(r"\..+\.(\d+)")


def remove_unfinished(run: Place) -> int:
    """Remove what no process will finish any more; how many files and folders that were.

    What cannot be removed does no harm and stays.
    """
    removed = 0
    # A bucket takes an object whole or not at all.
    files = _unfinished_files(run) if isinstance(run, Path) else ()
    for path in (*files, *_beats(run)):
        with suppress(OSError):
            path.unlink()
            removed += 1
    for folder in _states(run):
        delete_tree(folder)
        removed += 1
    return removed


def _unfinished_files(run: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(run):
        if Path(folder) == run:
            names[:] = [name for name in names if name != "ray"]  # Ray's, and dropped as a whole
        for name in files:
            of_process = _OF_A_PROCESS.fullmatch(name)
            if _OF_A_COMMIT.fullmatch(name) or (of_process and not _lives(int(of_process[1]))):
                yield Path(folder) / name


def _beats(run: Place) -> Iterator[Place]:
    """Beats of attempts that are decided."""
    for path in listed(run, "cells/*/*/beat-*"):
        if path.with_name(f"attempt-{path.name.removeprefix('beat-')}.json").exists():
            yield path


def _states(run: Place) -> Iterator[Place]:
    """States of unfinished folds of which a result came after all: its worker died right then."""
    for path in listed(run, "cells/*/*/progress"):
        with suppress(ResourceError):  # what cannot be read decides nothing
            if any(kind_of(slot) == KIND for slot in listed(path.parent, "attempt-*.json")):
                yield path


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
