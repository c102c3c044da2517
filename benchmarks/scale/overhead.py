"""What a search costs beside the training of its trials."""

import argparse
import statistics
from itertools import accumulate, pairwise
from pathlib import Path

from benchmarks.main_job import spread
from benchmarks.scale.driver_use import machine, show_driver, show_store
from benchmarks.scale.halving import halving
from benchmarks.scale.search_options import search_options
from benchmarks.scale.stub import Spans
from benchmarks.scale.stub_search import Measured, Wanted, search

_GOAL_SECONDS = 60.0
"""A trial of which the overhead is to be at most 2 %."""


def steady(spans: list[Spans]) -> tuple[int, tuple[float, float]]:
    """The most trials that ran at once, and from when to when, first and last, so many did."""
    changes = sorted([(one.began, 1) for one in spans] + [(one.ended, -1) for one in spans])
    running = list(accumulate(change for _, change in changes))
    full = [number for number, trials in enumerate(running) if trials == max(running)]
    # It stays so until the next change.
    return max(running), (changes[full[0]][0], changes[full[-1] + 1][0])


def slept(spans: list[Spans], window: tuple[float, float]) -> float:
    """Seconds of all slots in `window` that stand for training."""
    begin, end = window
    return sum(
        max(0.0, min(stop, end) - max(start, begin)) for one in spans for start, stop in one.slept
    )


def gaps(spans: list[Spans], window: tuple[float, float]) -> list[float]:
    """Seconds from a trial's end to the next one's beginning in the same slot."""
    by_slot: dict[int, list[Spans]] = {}
    for one in spans:
        by_slot.setdefault(one.pid, []).append(one)
    begin, end = window
    return [
        later.began - earlier.ended
        for trials in by_slot.values()
        for earlier, later in pairwise(trials)
        if earlier.ended >= begin and later.began <= end
    ]


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    search_options(parser, trials=1000, slots=64)
    parser.add_argument("--seconds", type=float, default=60.0, help="slept in a whole trial")


def main(given: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    wanted = Wanted(
        trials=given.trials,
        slots=given.slots,
        folds=given.folds,
        epochs=given.epochs,
        epoch_seconds=given.seconds / (given.folds * given.epochs),
    )
    print(f"{machine()}; {wanted}")
    measured = search(folder, wanted, statuses=4)
    show(measured)
    show_driver(measured)
    show_store(measured)


def show(measured: Measured) -> None:
    """Print the overhead of a trial in the steady state."""
    wanted, spans = measured.wanted, measured.spans
    slots, window = steady(spans)
    length = window[1] - window[0]
    whole = measured.ended - measured.began
    ended = [one for one in spans if window[0] <= one.ended <= window[1]]
    lost = slots * length - slept(spans, window)
    each = lost / len(ended)
    print(
        f"{slots} trials at once after {window[0] - measured.began:.0f} s, steady for "
        f"{length:.0f} s of {whole:.0f} s, in which {len(ended)} of {len(spans)} trials ended"
    )
    print(
        f"overhead {each:.2f} s a trial: {each / _GOAL_SECONDS:.1%} of a trial of "
        f"{_GOAL_SECONDS:.0f} s; of the slots' time {lost / (slots * length):.1%}"
    )
    print(f"  to the next trial {spread(gaps(spans, window))} s")
    print(f"  in Tune's report  {spread([one.reporting for one in ended])} s a trial")
    print(f"  in our store      {spread([one.recording for one in ended])} s a trial")
    epochs = [len(one.slept) for one in spans]
    budget = wanted.folds * wanted.epochs
    print(
        f"  epochs a trial    {statistics.mean(epochs):.2f} of {budget}, {epochs.count(budget)} "
        f"trials in full; halving alone {halving(budget):.2f}"
    )
