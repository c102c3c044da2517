"""What drivers leave in a run's folder: who they are, that they go on, and their end."""

import os
import re
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, final

from wbcray.core.digest import digest
from wbcray.core.errors import StoreError
from wbcray.store.attempts import node_name
from wbcray.store.commit import commit, read
from wbcray.store.place import Place, listed

KIND = "driver"
END_KIND = "driver_end"

_NAME = re.compile(r"driver-(\d{3,})\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A process that drives a run.

    Attributes:
        host: The machine's name, because a person must find it.
        boot: Names the running kernel, which decides about the machine's locks. Two machines may
            have one host name, and the containers of one machine have several.
        started: For people; no decision looks at it.
    """

    pid: int
    node: str
    host: str
    boot: str
    started: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.started}"


def myself() -> Who:
    """This process."""
    return Who(
        pid=os.getpid(),
        node=node_name(),
        host=socket.gethostname(),
        boot=boot(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def boot() -> str:
    """The running kernel, 8 hexadecimal digits."""
    try:
        known = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        known = socket.gethostname()
    return digest(known, length=8)


@final
class DriverFiles:
    """The records and beats in `drivers/` of one run."""

    def __init__(self, run: Place) -> None:
        self._folder = run / "drivers"

    def register(self, who: Who) -> int:
        """Write down who drives; the number that it gets.

        Raises:
            ResourceError: When the folder cannot be written.
        """
        number = max(self._numbers(), default=0) + 1
        while not commit(self._folder / f"driver-{number:03d}.json", KIND, asdict(who)):
            number += 1
        return number

    def end(self, number: int, state: Literal["ended", "lost"]) -> None:
        """Write down that a driver is no more; the first to say so counts."""
        commit(self._end_file(number), END_KIND, {"state": state})

    def has_ended(self, number: int) -> bool:
        """Whether a driver is no more."""
        return self._end_file(number).exists()

    def not_ended(self) -> dict[int, Who]:
        """Drivers without an end, by number."""
        return {n: self._who(n) for n in self._numbers() if not self.has_ended(n)}

    def beat(self, number: int, count: int) -> None:
        """Say that a driver goes on.

        Raises:
            OSError: When the system refuses.
        """
        # The time is for readers on this machine alone: one kernel has one monotonic clock.
        text = f"{count:09d} {boot()} {time.monotonic():014.1f}"
        self._beat_file(number).write_text(text)

    def beat_of(self, number: int) -> str:
        """What a driver wrote last; another machine can only look whether it changes."""
        try:
            return self._beat_file(number).read_text()
        except OSError:
            return ""

    def forget_beat(self, number: int) -> None:
        """Remove the beat of a driver that is no more."""
        self._beat_file(number).unlink(missing_ok=True)

    def seconds_since_beat(self) -> float | None:
        """Since the newest driver's beat, if that is a process on this machine."""
        number = max(self._numbers(), default=0)
        words = self.beat_of(number).split()
        if len(words) != 3 or words[1] != boot():  # noqa: PLR2004  # count, kernel, time
            return None
        return max(0.0, time.monotonic() - float(words[2]))

    def _numbers(self) -> list[int]:
        found = [_NAME.fullmatch(path.name) for path in listed(self._folder, "driver-*.json")]
        return sorted(int(match[1]) for match in found if match)

    def _who(self, number: int) -> Who:
        try:
            found: dict[str, Any] = read(self._folder / f"driver-{number:03d}.json", KIND)
            return Who(**found)
        except (StoreError, TypeError):  # damaged: who it was is lost, its beat still tells
            return Who(pid=0, node="", host="an unknown machine", boot="", started="?")

    def _end_file(self, number: int) -> Place:
        return self._folder / f"driver-{number:03d}-end.json"

    def _beat_file(self, number: int) -> Place:
        return self._folder / f"beat-{number:03d}"
