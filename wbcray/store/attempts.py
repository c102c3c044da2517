"""The attempts at one cell, numbered; each is decided once, by whoever decides it first.

`begun-001.json` says who took the cell up. The slot `attempt-001.json` is created once: by the
result, or by the end without one. Taking the cell up again closes the slots of attempts that are
still open, so a worker that was given up for lost finds its slot taken when it comes back, on any
machine and by any clock.
"""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

from wbcray.core.digest import digest
from wbcray.core.errors import StoreError
from wbcray.store.commit import commit, kind_of, read, too_new
from wbcray.store.place import Place

BEGUN = "begun"
ENDED = "ended"

Ending = Literal["LOST", "STOPPED", "FAILED", "INFEASIBLE"]
AttemptState = Literal["OPEN", "DONE", "CORRUPT"] | Ending

_NUMBER = re.compile(r"(?:begun|attempt|beat|late)-(\d{3,})(?:\.json)?")
_REASON = 500
"""Letters of a reason that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt at a cell.

    Attributes:
        number: From 1.
        state: OPEN while it is trained, or because its process died and nobody took the cell up
            since; LOST when it was given up, STOPPED by the scheduler, FAILED and INFEASIBLE as
            trials are; CORRUPT when its record was damaged later.
        reason: Why it ended without a result.
    """

    number: int
    state: AttemptState
    reason: str = ""


@final
class Attempts:
    """The attempts in a cell's folder."""

    def __init__(self, folder: Place, *, result_kind: str) -> None:
        self._folder = folder
        self._result_kind = result_kind

    def all(self) -> tuple[Attempt, ...]:
        """Every attempt, in order."""
        return tuple(self._attempt(number) for number in self.numbers())

    def numbers(self) -> list[int]:
        """Numbers that are taken."""
        if not self._folder.is_dir():
            return []
        found = [_NUMBER.fullmatch(path.name) for path in self._folder.iterdir()]
        return sorted({int(match[1]) for match in found if match})

    def begin(self, *, after: int = 0) -> int:
        """Take up the cell: a new number above `after`; attempts that are open are given up."""
        number = max([after, *self.numbers()]) + 1
        while not commit(self._folder / f"begun-{number:03d}.json", BEGUN, _who()):
            number += 1
        # Looked at only now: of two that come at once, the second must see the first.
        self.end_open("LOST", f"taken up again as attempt {number}", before=number)
        return number

    def end(self, number: int, state: Ending, reason: str) -> bool:
        """Close an attempt without a result; False if it is decided already."""
        payload = {"state": state, "reason": reason[:_REASON]}
        return commit(self.slot(number), ENDED, payload)

    def end_open(self, state: Ending, reason: str, *, before: int | None = None) -> bool:
        """Close every attempt that is open, or those before a number; False if none was."""
        closed = [
            self.end(attempt.number, state, reason)
            for attempt in self.all()
            if attempt.state == "OPEN" and (before is None or attempt.number < before)
        ]
        return any(closed)

    def slot(self, number: int) -> Place:
        """Where the attempt is decided."""
        return self._folder / f"attempt-{number:03d}.json"

    def beat_file(self, number: int) -> Place:
        """Where the attempt counts that it goes on; no record."""
        return self._folder / f"beat-{number:03d}"

    def weights_folder(self, number: int) -> Place:
        """Where the attempt's checkpoint belongs."""
        return self._folder / f"weights-{number:03d}"

    def begun(self, number: int) -> Mapping[str, Any]:
        """Who took the cell up: `pid` and `node`; empty where that is not recorded."""
        try:
            return read(self._folder / f"begun-{number:03d}.json", BEGUN)
        except StoreError:
            return {}

    def _attempt(self, number: int) -> Attempt:
        slot = self.slot(number)
        if not slot.exists():
            return Attempt(number=number, state="OPEN")
        try:
            if kind_of(slot) == ENDED:
                ended = read(slot, ENDED)
                return Attempt(number=number, state=ended["state"], reason=ended["reason"])
            read(slot, self._result_kind)
        except StoreError as error:
            if too_new(error):
                raise
            return Attempt(number=number, state="CORRUPT", reason=error.what)
        return Attempt(number=number, state="DONE")


def node_name() -> str:
    """This machine, without its name: 8 hexadecimal digits."""
    return digest(socket.gethostname(), length=8)


def _who() -> dict[str, Any]:
    return {"pid": os.getpid(), "node": node_name()}
