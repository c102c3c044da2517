"""Writes that nobody waits for, one after the other in a thread of their own."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import final

Act = Callable[[], object]


@final
class WritingThread:
    """Does what it is given in the order in which it was given.

    The driver hands out trials in the thread that writes records. A database takes 10 to 40 ms for
    a trial, one far away much more, and slots would stand idle meanwhile. What an act raises is
    its own matter: it has to catch it.
    """

    def __init__(self) -> None:
        self._acts: SimpleQueue[Act | None] = SimpleQueue()
        self._hurried = threading.Event()
        # A database that never answers must not keep the process from ending.
        self._thread = threading.Thread(target=self._work, daemon=True, name="copy of a study")
        self._thread.start()

    def do(self, act: Act) -> None:
        """Do it when all that was given before is done."""
        self._acts.put(act)

    def finish(self, seconds: float) -> bool:
        """Wait for what is left; False when it is not done in time, and is left out."""
        self._acts.put(None)
        self._thread.join(timeout=seconds)
        self._hurried.set()
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (act := self._acts.get()) is not None and not self._hurried.is_set():
            act()
