"""Images a second of two workers that train one network, against one worker alone."""

import argparse
import statistics
from pathlib import Path

from benchmarks.main_job import make_run, spread
from benchmarks.scale.driver_use import machine
from benchmarks.scale.stub_search import HELD_OUT, command_seconds

WORKERS = (1, 2)


def rate(run: Path, seed: int) -> float:
    """Training images a second of the cell with this seed: its median epoch after the first.

    An epoch's time holds the validation, too.
    """
    from wbcray.store.cells import CellStore

    record = next(one for one in CellStore(run) if one.key.seed == seed)
    seconds = statistics.median(report.seconds for report in record.reports[1:])
    return record.images["train"] / seconds


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=600, help="in each of two domains")
    parser.add_argument("--size", type=int, default=64, help="pixels")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--normalization", nargs="+", default=["batch", "group"])


def main(given: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    make_run(folder, images=given.images, size=given.size, epochs=given.epochs)
    for normalization in given.normalization:
        rates: dict[int, list[float]] = {workers: [] for workers in WORKERS}
        for seed in range(given.rounds):
            for workers in WORKERS if seed % 2 else WORKERS[::-1]:
                run = folder / "runs" / f"{normalization}-{workers}"
                seconds = command_seconds(
                    *("train", "--method", "erm", "--held-out", HELD_OUT, "--seed", str(seed)),
                    *("--project", str(folder / "wbcray.yaml"), "--run", run.name, "--folds", "2"),
                    *("--epochs", str(given.epochs), "--weights", "none", "--cpus-per-trial", "1"),
                    *("--workers", str(workers), "--address", "local"),
                    *("--normalization", normalization),
                )
                rates[workers].append(rate(run, seed))
                print(
                    f"  {workers} workers, {normalization}: {rates[workers][-1]:.1f} images/s, "
                    f"{seconds:.0f} s in all; {machine()}",
                    flush=True,
                )
        for workers, found in rates.items():
            print(f"{workers} workers of 1 thread, {normalization} norm: {spread(found)} images/s")
        halves = [two / one / 2 for one, two in zip(*rates.values(), strict=True)]
        print(f"efficiency of 2 workers, {normalization} norm: {spread(halves)}", flush=True)
