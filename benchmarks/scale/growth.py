"""How what a driver uses grows with the number of trials, which take no time here.

A search is measured once and read off at several numbers of trials: what the driver had used when
the n-th trial ended is what a search of n trials uses.
"""

import argparse
import math
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.scale.driver_use import machine, sample_at, show_driver, show_store
from benchmarks.scale.search_options import search_options
from benchmarks.scale.stub_search import Measured, Wanted, search


def marks_up_to(trials: int) -> list[int]:
    """100, 300, 1,000, 3,000, ... up to `trials`."""
    found = [digit * 10**power for power in range(2, 7) for digit in (1, 3)]
    return [mark for mark in found if mark <= trials]


def slope(at: list[int], values: list[float]) -> float:
    """Of a straight line through the logarithms: 1 for what grows in step, 2 for its square."""
    return float(np.polyfit(np.log(at), np.log(values), 1)[0])


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    search_options(parser, trials=3000, slots=2)
    parser.add_argument("--studies", type=int, default=1, help="of so many trials each")
    parser.add_argument("--minutes", type=float, default=60.0, help="then it is ended")


def main(given: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    wanted = Wanted(
        trials=given.trials,
        studies=given.studies,
        slots=given.slots,
        folds=given.folds,
        epochs=given.epochs,
        epoch_seconds=0.0,
        minutes=given.minutes,
    )
    print(f"{machine()}; {wanted}")
    measured = search(folder, wanted, statuses=2)
    show_driver(measured)
    show_slopes(measured)
    show_store(measured)


def show_slopes(measured: Measured) -> None:
    """Print processor time, memory and the parts of the driver's work at each mark."""
    trials, before = measured.told, measured.samples[0]
    marks = marks_up_to(trials)
    used = []
    for mark in marks:
        at = sample_at(measured, mark)
        used.append(at.processor - before.processor)
        print(
            f"{mark:6d} trials: {used[-1]:6.1f} s of processor, {1e3 * used[-1] / mark:5.1f} ms a "
            f"trial; memory + {at.rss - before.rss:.0f} MiB; {at.at - measured.began:.0f} s"
        )
    if not used[1:]:
        return  # a line needs two points
    steps = pairwise(zip(marks, used, strict=True))
    each = [math.log(b / a) / math.log(n / m) for (m, a), (n, b) in steps]
    print(f"log-log slope of the driver's processor time: {slope(marks, used):.2f};", end=" ")
    print("from mark to mark " + ", ".join(f"{one:.2f}" for one in each))
    for name, part in measured.parts.items():
        sums = [sum(part.processor[: part.calls * mark // trials]) for mark in marks]
        if min(sums) > 0:
            per = zip(sums, marks, strict=True)
            told = ", ".join(f"{1e3 * total / mark:.2f}" for total, mark in per)
            print(f"  {name:32} slope {slope(marks, sums):5.2f}; ms a trial {told}")
