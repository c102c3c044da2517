"""Where the time of a sweep goes: `python -m benchmarks.sweep`."""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.sweep.measure import Wanted, sweep
from benchmarks.sweep.table import show


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--images", type=int, default=150, help="in each of two domains")
    parser.add_argument("--size", type=int, default=64, help="pixels")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--folds", type=int, default=2)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        measured = sweep(
            Path(folder),
            Wanted(
                trials=given.trials,
                images=given.images,
                size=given.size,
                epochs=given.epochs,
                folds=given.folds,
                slots=os.cpu_count() or 1,
            ),
        )
    print(f"{os.cpu_count()} processors; load {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    show(measured)


if __name__ == "__main__":
    main()
