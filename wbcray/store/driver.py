"""Who drives a run: one process at a time, of all machines that see its folder or bucket.

On one machine the kernel's lock decides, which dies with its process. Between machines a driver
rewrites its beat every few seconds, and whoever wants the run watches for a while, by his own
clock, whether the beat changes; times of two machines are never compared. A driver that is given up
gets an end written in its name, and must look for that before it records anything (`check`).
"""

import fcntl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, final

from wbcray.core.errors import StoreError, WbcrayError
from wbcray.store.driver_files import DriverFiles, Who, boot, myself
from wbcray.store.local_copy import folder_of
from wbcray.store.place import Place, delete_tree, no_answer
from wbcray.store.unfinished import remove_unfinished

BEAT_SECONDS = 5.0
"""Between two beats of a driver."""

WATCH_SECONDS = 15.0
"""How long the beat of another machine's driver must stand still before it is given up."""


@final
class Driver:
    """The right to write to a run.

    Attributes:
        remarks: What was taken over to get it, for the person at the terminal.
    """

    def __init__(self, run: Place, number: int) -> None:
        self.remarks: tuple[str, ...] = ()
        self._run, self._number = run, number
        self._files = DriverFiles(run)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True, name="driver's beat")

    def check(self) -> None:
        """Make sure that nobody has taken over; to be called before a record is written.

        Raises:
            StoreError: When somebody has.
            ResourceError: When it cannot be seen: then no record could be written, either.
        """
        try:
            taken_over = self._files.has_ended(self._number)
        except OSError as error:
            raise no_answer(self._run, error) from error
        if taken_over:
            raise StoreError(
                f"another driver took over run '{self._run.name}': this process stood still for "
                f"{WATCH_SECONDS:g} s or longer",
                where=str(self._run),
                fix="let the other one go on; what was finished here before is recorded",
            )

    def start(self) -> None:
        """Begin to beat."""
        self._beat(0)
        self._thread.start()

    def end(self) -> None:
        """Give the run back."""
        self._over.set()
        self._thread.join()
        with suppress(OSError, WbcrayError):  # on a full disk the next driver finds us gone
            self._files.end(self._number, "ended")
            self._files.forget_beat(self._number)

    def _go_on(self) -> None:
        count = 0
        while not self._over.wait(BEAT_SECONDS):
            count += 1
            self._beat(count)

    def _beat(self, count: int) -> None:
        with suppress(OSError):  # a disk that is full stops the work by other means
            self._files.beat(self._number, count)


@contextmanager
def driving(run: Place) -> Iterator[Driver]:
    """Hold the run for writing; what a driver that is gone left behind is taken over.

    Raises:
        StoreError: When another process holds it, saying which.
        ResourceError: When the run cannot be written.
    """
    folder = folder_of(run)
    folder.mkdir(parents=True, exist_ok=True)
    files = DriverFiles(run)
    with (folder / "driver.lock").open("a+") as lock:
        locked = _lock(run, lock)
        gone = files.not_ended()
        _refuse_living(run, gone, locked=locked)
        me = myself()
        number = files.register(me)
        driver = Driver(run, number)
        driver.start()
        try:
            # Two that came at once have found nobody, both; the one with the higher number yields.
            rivals = {
                n: who for n, who in files.not_ended().items() if n < number and n not in gone
            }
            _refuse_living(run, rivals, locked=locked)
            for other in (*gone, *rivals):
                files.end(other, "lost")
            driver.remarks = tuple(
                f"run '{run.name}': {who} is gone without a word; its work is taken up"
                for who in (*gone.values(), *rivals.values())
            )
            lock.truncate(0)
            lock.write(str(me))
            lock.flush()
            remove_unfinished(run)
            try:
                yield driver
            finally:
                remove_unfinished(run)  # its workers were ended before
        finally:
            driver.end()


def forget(run: Place) -> None:
    """Take back what driving left of a run that was never begun."""
    with suppress(OSError):
        (folder_of(run) / "driver.lock").unlink(missing_ok=True)
        folder_of(run).rmdir()
    delete_tree(run / "drivers")


def _lock(run: Place, lock: Any) -> bool:
    """Whether the kernel keeps the lock for us; not every network file system can."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        seconds = DriverFiles(run).seconds_since_beat()
        alive = "" if seconds is None else f", alive {seconds:.0f} s ago"
        raise _in_use(run, f"{lock.read().strip() or 'another process'}{alive}") from error
    except OSError:
        return False
    return True


def _refuse_living(run: Place, others: Mapping[int, Who], *, locked: bool) -> None:
    """Watch the other drivers until one beats, or none did for long enough.

    Raises:
        StoreError: When one beats.
    """
    files = DriverFiles(run)
    # With the lock in our hands, none of this machine's own can be driving.
    before = {
        number: files.beat_of(number)
        for number, who in others.items()
        if not (locked and who.boot == boot())
    }
    until = time.monotonic() + WATCH_SECONDS
    while before and time.monotonic() < until:
        time.sleep(WATCH_SECONDS / 30)
        before = {number: beat for number, beat in before.items() if not files.has_ended(number)}
        for number, beat in before.items():
            if files.beat_of(number) not in (beat, ""):
                raise _in_use(run, f"{others[number]}, alive a moment ago")


def _in_use(run: Place, who: str) -> StoreError:
    return StoreError(
        f"run '{run.name}' is in use by {who}",
        where=str(run),
        fix="wait for it, stop it, or use another run with --run NAME",
    )
