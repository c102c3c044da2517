"""Several studies side by side on the same slots, against one after the other."""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path

from benchmarks.main_job import spread
from benchmarks.scale.driver_use import machine
from benchmarks.scale.overhead import slept
from benchmarks.scale.search_options import search_options
from benchmarks.scale.stub import Spans
from benchmarks.scale.stub_search import Measured, Wanted, search

WAYS = ("one after the other", "side by side")


def busy(spans: Sequence[Spans], slots: int, window: tuple[float, float]) -> float:
    """The share of the slots' time in `window` that stands for training."""
    return slept(list(spans), window) / (slots * (window[1] - window[0]))


def training_window(spans: Sequence[Spans]) -> tuple[float, float]:
    """From the first trial's beginning to the last one's end."""
    return min(one.began for one in spans), max(one.ended for one in spans)


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    search_options(parser, trials=20, slots=16)
    parser.add_argument("--studies", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=30.0, help="slept in a whole trial")
    parser.add_argument("--rounds", type=int, default=2, help="of both ways, in turn")


def main(given: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    found: dict[str, list[Measured]] = {way: [] for way in WAYS}
    for number in range(given.rounds):
        for way in WAYS:
            wanted = Wanted(
                trials=given.trials,
                studies=given.studies,
                in_turn=way == WAYS[0],
                slots=given.slots,
                folds=given.folds,
                epochs=given.epochs,
                epoch_seconds=given.seconds / (given.folds * given.epochs),
            )
            measured = search(folder / f"{number}-{way.replace(' ', '-')}", wanted)
            found[way].append(measured)
            print(f"{way}: {_line(measured)}; {machine()}", flush=True)
    for way, runs in found.items():
        seconds = [one.ended - one.began for one in runs]
        shares = [busy(one.spans, given.slots, (one.began, one.ended)) for one in runs]
        print(f"{way}: {spread(seconds)} s, of the slots' time {spread(shares)} busy")
    pairs = zip(*found.values(), strict=True)
    ratios = [(a.ended - a.began) / (b.ended - b.began) for a, b in pairs]
    print(f"one after the other over side by side: {spread(ratios)}")


def _line(measured: Measured) -> str:
    spans, slots = measured.spans, measured.wanted.slots
    whole, training = (measured.began, measured.ended), training_window(measured.spans)
    epochs = [len(one.slept) for one in spans]
    return (
        f"{measured.told} trials, {statistics.mean(epochs):.2f} epochs each, in "
        f"{whole[1] - whole[0]:.0f} s; slots busy {busy(spans, slots, whole):.3f} of all, "
        f"{busy(spans, slots, training):.3f} from the first trial's beginning to the last one's end"
    )
