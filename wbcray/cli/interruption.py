"""Ctrl-C and SIGTERM: the first ends the work in order, the second at once."""

import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import final

from wbcray.cli.console import say

TERMINATED = "WBCRAY_TERMINATED"
"""Set in the environment when it was SIGTERM: the exit code is another."""
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}

ORDERLY_SECONDS = 25.0
"""What does not end in order within this time is ended; 30 s is what preemption grants."""


@final
class Interruption:
    """Whether this process was asked to end.

    Usually the first signal raises KeyboardInterrupt where the program is. While it is `held`, the
    signal is noted, and whoever holds it looks at `asked` and ends in order.
    """

    def __init__(self) -> None:
        os.environ.pop(TERMINATED, None)  # whoever started this process may have been terminated
        self._number: int | None = None
        self._held = False

    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._number is not None

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Answer SIGINT and SIGTERM until the end of the block; once asked, until the very end."""
        before = {number: signal.getsignal(number) for number in CODES}
        self.heed()
        try:
            yield
        finally:
            if not self.asked() and threading.current_thread() is threading.main_thread():
                for number, answer in before.items():
                    signal.signal(number, answer)

    def heed(self) -> None:
        """Take the signals, also back from Ray, which takes SIGTERM for itself when it starts."""
        # Only the main thread may say what signals do.
        if threading.current_thread() is threading.main_thread():
            for number in CODES:
                signal.signal(number, self._answer)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Only note a signal until the end of the block."""
        self.heed()
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def _answer(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTERM:
            os.environ[TERMINATED] = "1"
        if self._number is not None:
            leave_now(self._number)
            return
        self._number = number
        timer = threading.Timer(ORDERLY_SECONDS, leave_now, (number,))
        timer.daemon = True  # it watches the end of the interpreter, too, and must not delay it
        timer.start()
        if not self._held:
            raise KeyboardInterrupt
        say("stopping: running trials end now, what is finished is recorded; once more to leave")


def say_how_to_go_on(arguments: Sequence[str]) -> None:
    """Name the command that goes on with what was interrupted."""
    say("interrupted: what was finished is recorded; the same command goes on from there:")
    say(f"  wbcray {shlex.join(arguments)}")


def leave_now(number: int) -> None:
    """End this process and all that it started, without any tidying; the records are whole."""
    from wbcray.cluster.leftovers import descendants, end

    end(descendants())
    say_how_to_go_on(sys.argv[1:])
    sys.stderr.flush()
    os._exit(CODES[signal.Signals(number)])
