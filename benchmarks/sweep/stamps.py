"""Beginnings and ends of calls, on the clock that all processes of a machine share."""

import functools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

Places = Mapping[str, tuple[Any, str]]
"""What is called how: an owner, and its attribute that is a function."""


@dataclass(slots=True, kw_only=True)
class Calls:
    """The calls of one function, in order.

    Attributes:
        spans: When each began and ended, in seconds of `time.time`.
        processor: Seconds of this process's processor time in all of them.
    """

    spans: list[tuple[float, float]] = field(default_factory=list)
    processor: float = 0.0

    @property
    def seconds(self) -> float:
        """In all calls together."""
        return sum(end - begin for begin, end in self.spans)


@dataclass(slots=True, kw_only=True)
class Trial:
    """What one trial took in its worker.

    Attributes:
        number: Which suggestion it is, from 0, as the driver handed them out.
        pid, born: The worker process, and when it was started.
        calls: By name of the part.
    """

    number: int
    pid: int
    born: float
    calls: dict[str, Calls]

    def write(self, folder: Path) -> None:
        """Add it to the file of its process."""
        with (folder / f"{self.pid}.jsonl").open("a") as file:
            file.write(json.dumps(asdict(self)) + "\n")


def read_trials(folder: Path) -> list[Trial]:
    """All that were written, by number."""
    found = []
    for path in folder.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            one = json.loads(line)
            calls = {
                name: Calls(spans=[(a, b) for a, b in call["spans"]], processor=call["processor"])
                for name, call in one["calls"].items()
            }
            found.append(Trial(**{**one, "calls": calls}))
    return sorted(found, key=lambda trial: trial.number)


@contextmanager
def stamped(places: Places) -> Iterator[dict[str, Calls]]:
    """Note every call of these functions; parts may hold others."""
    found = {name: Calls() for name in places}
    with ExitStack() as stack:
        for name, (owner, attribute) in places.items():
            wrapped = _wrapped(getattr(owner, attribute), found[name])
            stack.enter_context(mock.patch.object(owner, attribute, wrapped))
        yield found


def _wrapped(function: Callable[..., Any], calls: Calls) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*values: Any, **named: Any) -> Any:
        began, processor = time.time(), time.process_time()
        try:
            return function(*values, **named)
        finally:
            calls.spans.append((began, time.time()))
            calls.processor += time.process_time() - processor

    return call
