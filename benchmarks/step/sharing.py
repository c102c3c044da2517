"""Several trials on one device against one: images a second in sum."""

import argparse
import os
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.main_job import spread
from benchmarks.step.child import ready_children, together
from benchmarks.step.ready import Size


def shared(
    size: Size,
    splits: Sequence[tuple[int, int]],
    *,
    rounds: int,
    seconds: float,
    device: str = "cpu",
) -> dict[tuple[int, int], list[float]]:
    """Images a second in sum, round by round, of each (processes, threads of each) in turns."""
    rates: dict[tuple[int, int], list[float]] = {split: [] for split in splits}
    with ExitStack() as stack:
        waiting = {
            (number, threads): ready_children(
                stack, size, number=number, threads=threads, device=device
            )
            for number, threads in splits
        }
        for _ in range(rounds):
            for split, children in waiting.items():
                rates[split].append(together(children, seconds))
    return rates


def show(size: Size, rates: dict[tuple[int, int], list[float]]) -> None:
    """Print the sums, and their ratios to the first in the same round."""
    print(f"{size}, bfloat16, channels last; load {os.getloadavg()[0]:.1f}")
    first = next(iter(rates.values()))
    for (number, threads), found in rates.items():
        ratios = [own / other for own, other in zip(found, first, strict=True)]
        print(
            f"  {number} x {threads} threads   {spread(found)} images/s in sum   "
            f"{spread(ratios)} times",
            flush=True,
        )


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    parser.add_argument("--sizes", nargs="+", default=("resnet18:64:32", "resnet50:96:16"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=5.0, help="of one measurement")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)


def main(given: argparse.Namespace) -> None:
    """Measure and print."""
    for text in given.sizes:
        size = Size.parse(text)
        splits = [(1, given.cores), (given.cores, 1)]
        show(size, shared(size, splits, rounds=given.rounds, seconds=given.seconds))
