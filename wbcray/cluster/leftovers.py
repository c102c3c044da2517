"""Processes that this one started, and what must not be left of them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


def descendants() -> set[psutil.Process]:
    """Every process that this one started, and those that they started."""
    with suppress(psutil.Error):
        return set(psutil.Process().children(recursive=True))
    return set()


def end(processes: set[psutil.Process]) -> None:
    """Kill processes; those that are gone already are left alone."""
    for process in processes:
        with suppress(psutil.Error):  # psutil knows a number that was given to another process
            process.kill()


@contextmanager
def none_left() -> Iterator[set[psutil.Process]]:
    """Kill at the end what was started within and still runs, however it ended.

    Who is about to end a process adds its descendants before: they would lose their parent.
    """
    before = descendants()
    started: set[psutil.Process] = set()
    try:
        yield started
    finally:
        started |= descendants() - before
        psutil.wait_procs(started, timeout=0.5)
        end(started)
