"""Progress: a live table on a terminal, plain lines elsewhere; always on stderr."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, final

from wbcray.cli.console import say

_LINE_EVERY_SECONDS = 15.0


@final
class ProgressTable:
    """Trials by state, the best so far and the time left; a `cluster.progress.Watch`."""

    def __init__(self) -> None:
        self._title, self._trials, self._budget = "", 0, 1
        self._states: Counter[str] = Counter()
        self._running: dict[str, tuple[int, float | None]] = {}
        self._spent = 0
        self._best: tuple[float, str] | None = None
        self._began = time.monotonic()
        self._said = 0.0
        self._live: Any = None

    def __enter__(self) -> "ProgressTable":
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(stderr=True), refresh_per_second=4, transient=True)
            self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.__exit__(*error)
            self._live = None

    def plan(self, title: str, trials: int, budget: int) -> None:
        """A sitting begins."""
        self._title, self._trials, self._budget = title, trials, budget
        self._states.clear()
        self._running.clear()
        self._spent, self._best, self._began = 0, None, time.monotonic()
        self._draw(now=True)

    def started(self, label: str) -> None:
        """A trial runs."""
        self._running.setdefault(label, (0, None))
        self._draw()

    def reported(self, label: str, value: float, budget: int) -> None:
        """A trial has spent `budget` epochs and stands at `value`."""
        self._running[label] = (budget, value)
        self._draw()

    def ended(self, label: str, state: str, value: float | None) -> None:
        """A trial is over."""
        self._spent += self._running.pop(label, (0, None))[0]
        self._states[state] += 1
        if state == "COMPLETE" and value is not None and (not self._best or value > self._best[0]):
            self._best = (value, label)
        self._draw(now=True)

    def _draw(self, *, now: bool = False) -> None:
        if self._live is not None:
            self._live.update(self._table())
        elif now or time.monotonic() - self._said > _LINE_EVERY_SECONDS:
            self._said = time.monotonic()
            say(self._line())

    def _line(self) -> str:
        best = f", best {self._best[0]:.3f} ({self._best[1]})" if self._best else ""
        return f"{self._title}: {self._summary()}{best}{self._left()}"

    def _summary(self) -> str:
        done = sum(self._states.values())
        states = ", ".join(f"{n} {state.lower()}" for state, n in sorted(self._states.items()))
        running = f"{len(self._running)} running" if self._running else ""
        return ", ".join(filter(None, [f"{done} of {self._trials} done", states, running]))

    def _left(self) -> str:
        spent = self._spent + sum(budget for budget, _ in self._running.values())
        done = sum(self._states.values())
        if not spent or done >= self._trials:
            return ""
        # Trials to come are expected to spend what the ended ones did, running ones all they may.
        each = self._spent / done if done else self._budget
        waiting = max(0, self._trials - done - len(self._running))
        rest = waiting * each + sum(self._budget - budget for budget, _ in self._running.values())
        seconds = (time.monotonic() - self._began) / spent * rest
        return f", at most about {_duration(seconds)} left"

    def _table(self) -> Any:
        from rich import box
        from rich.table import Table

        title = f"{self._title}: {self._summary()}{self._left()}"
        table = Table(title=title, box=box.SIMPLE_HEAD, min_width=90, title_justify="left")
        for name in ("trial", "epochs", "validation macro F1"):
            table.add_column(name)
        if self._best:
            table.add_row(f"[bold]best: {self._best[1]}[/bold]", "", f"{self._best[0]:.3f}")
        for label, (budget, value) in self._running.items():
            shown = "" if value is None else f"{value:.3f}"
            table.add_row(label, f"{budget} of {self._budget}", shown)
        return table


OnDecoded = Callable[[str, int, int], None]
"""Takes a domain's name, images decoded so far, images in all."""


@contextmanager
def decoding() -> Iterator[OnDecoded]:
    """Reports the decoding of images: a bar per domain on a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        yield _decoding_lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    name = TextColumn("decoding {task.description}", markup=False)
    bars = Progress(
        name, BarColumn(), MofNCompleteColumn(), TimeLeft(), console=Console(stderr=True)
    )
    numbers: dict[str, Any] = {}

    def on_progress(domain: str, done: int, images: int) -> None:
        if domain not in numbers:
            bars.start()  # no bar where nothing is to be decoded
            numbers[domain] = bars.add_task(domain, total=images)
        bars.update(numbers[domain], completed=done)

    try:
        yield on_progress
    finally:
        bars.stop()


def _decoding_lines() -> OnDecoded:
    said = time.monotonic()

    def on_progress(domain: str, done: int, images: int) -> None:
        nonlocal said
        if done == images or time.monotonic() - said > _LINE_EVERY_SECONDS:
            said = time.monotonic()
            say(f"decoded {done} of {images} images of {domain}")

    return on_progress


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
