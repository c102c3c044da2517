"""What records, flushes, beats and kept states cost when nothing fails.

    python -m benchmarks.reliability --rounds 3 --cells 3 --epochs 12

The same cells are trained with and without them in turn, in this process and without Ray:

bare    nothing is flushed to the disk, no record that a cell was begun, no beats, no states of
        unfinished folds; results are still written
full    as wbcray trains
states  as `full`, and the state of the unfinished fold is kept after every epoch, where the rule
        would keep it when that costs at most 2 % of the time

It prints seconds of a cell as medians, and the ratio to `bare` of the same round. Give it a folder
on the disk that is to be measured; run it on a quiet machine.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from benchmarks.main_job import make_run, spread

ARMS = ("bare", "full", "states")


@contextmanager
def arm(name: str) -> Iterator[None]:
    """Let training be of this kind."""
    from wbcray.store import disk
    from wbcray.store.attempts import Attempts
    from wbcray.store.leases import Lease
    from wbcray.training.progress import SECONDS_VARIABLE, FoldProgress

    with ExitStack() as stack:
        if name == "bare":
            for place, what, answer in (
                (disk, "flush", None),
                (disk, "flush_folder", None),
                (Lease, "beat", None),
                (FoldProgress, "due", False),
                (Attempts, "begin", 1),
            ):
                stack.enter_context(mock.patch.object(place, what, return_value=answer))
        if name == "states":
            stack.enter_context(mock.patch.dict(os.environ, {SECONDS_VARIABLE: "0"}))
        yield


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cells", type=int, default=3, help="cells of each arm in a round")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--images", type=int, default=150, help="in each of two domains")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        measure(Path(name), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    """Rounds of all arms in turn."""
    import torch

    from wbcray.store.cells import CellStore
    from wbcray.training.runtime import LocalRuntime, default_device
    from wbcray.training.trial import run_trial

    torch.set_num_threads(1)
    run, settings = make_run(folder, images=options.images, size=32, epochs=options.epochs)
    config = settings.config("erm", {})
    seconds: dict[str, list[float]] = {name: [] for name in ARMS}
    ratios: dict[str, list[float]] = {name: [] for name in ARMS}
    for number in range(-1, options.rounds):  # the first one warms up and does not count
        of_round = {}
        for turn, name in enumerate(ARMS if number % 2 else ARMS[::-1]):
            # A store of its own, so that no cell is found trained.
            cells = CellStore(folder / "stores" / f"{number}-{turn}")
            times = []
            for seed in range(options.cells if number >= 0 else 1):
                began = time.perf_counter()
                with arm(name):
                    run_trial(
                        config,
                        run.data(run.catalog.domains[0]),
                        cells,
                        LocalRuntime(default_device()),
                        folds=(0,),
                        seed=seed,
                    )
                times.append(time.perf_counter() - began)
            of_round[name] = sum(times)
            if number >= 0:
                seconds[name] += times
        for name, total in of_round.items():
            if number >= 0:
                ratios[name].append(total / of_round["bare"])
    for name in ARMS:
        print(f"{name:7} {spread(seconds[name])} s a cell; x {spread(ratios[name])}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs")


if __name__ == "__main__":
    main()
