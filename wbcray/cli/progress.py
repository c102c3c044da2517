"""Progress: a live table on a terminal, plain lines elsewhere; always on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, final

from wbcray.cli.console import say
from wbcray.cli.tally import Tally, seconds_left, together

_LINE_EVERY_SECONDS = 15.0


@final
class ProgressTable:
    """Trials by state, the best so far and the time left; a `cluster.progress.Watch`."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}
        self._tally_of: dict[str, Tally] = {}
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
        """A study of the sitting begins, or a comparison."""
        self._tallies[title] = Tally(title=title, trials=trials, budget=budget)
        self._began = time.monotonic()
        self._draw(self._tallies[title])

    def started(self, label: str) -> None:
        """A trial runs."""
        tally = self._of(label)
        tally.running.setdefault(label, (0, None))
        self._draw(tally)

    def reported(self, label: str, value: float, budget: int) -> None:
        """A trial has spent `budget` epochs and stands at `value`."""
        tally = self._of(label)
        tally.running[label] = (budget, value)
        self._draw(tally)

    def ended(self, label: str, state: str, value: float | None) -> None:
        """A trial is over."""
        tally = self._of(label)
        tally.end(label, state, value)
        self._draw(tally, now=True)

    def _of(self, label: str) -> Tally:
        """The study of a trial; a comparison is the only one of its sitting."""
        if len(self._tallies) == 1:
            return next(iter(self._tallies.values()))
        if label not in self._tally_of:
            title = max((one for one in self._tallies if label.startswith(f"{one} ")), key=len)
            self._tally_of[label] = self._tallies[title]
        return self._tally_of[label]

    def _draw(self, changed: Tally, *, now: bool = False) -> None:
        if self._live is not None:
            self._live.update(self._table())
        elif now or time.monotonic() - self._said > _LINE_EVERY_SECONDS:
            self._said = time.monotonic()
            say(self._line(changed))

    def _line(self, changed: Tally) -> str:
        best = f", best {changed.best[0]:.3f} ({changed.best[1]})" if changed.best else ""
        everything = together(list(self._tallies.values()))
        of_all = f"; {everything.done} of {everything.trials} in all"
        several = of_all if len(self._tallies) > 1 else ""
        return f"{changed.title}: {changed.summary()}{best}{several}{self._left(everything)}"

    def _left(self, everything: Tally) -> str:
        seconds = seconds_left(everything, time.monotonic() - self._began)
        return "" if seconds is None else f", at most about {_duration(seconds)} left"

    def _table(self) -> Any:
        from rich import box
        from rich.table import Table

        tallies = list(self._tallies.values())
        everything = together(tallies)
        title = f"{everything.title}: {everything.summary()}{self._left(everything)}"
        table = Table(title=title, box=box.SIMPLE_HEAD, min_width=90, title_justify="left")
        for name in ("trial", "epochs", "objective"):
            table.add_column(name)
        for tally in tallies:
            if len(tallies) > 1 and tally.running:
                table.add_row(f"[bold]{tally.title}[/bold]: {tally.summary()}", "", "")
            if tally.best and (tally.running or len(tallies) == 1):
                table.add_row(f"[bold]best: {tally.best[1]}[/bold]", "", f"{tally.best[0]:.3f}")
            for label, (budget, value) in tally.running.items():
                shown = "" if value is None else f"{value:.3f}"
                table.add_row(label, f"{budget} of {tally.budget}", shown)
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
