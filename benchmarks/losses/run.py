"""What a whole training costs, statistics included: methods in turns on the same fold."""

import tempfile
import time
from pathlib import Path

import torch

from benchmarks.main_job import make_run, spread
from wbcray.training.fold import train_fold
from wbcray.training.runtime import LocalRuntime

METHODS = ("erm", "boda", "boda+penalty.statistics=capped", "boda+penalty.statistics=full")
"""The reference first; `full` makes feature passes over all training images, as its authors do."""
DOMAINS = ("matek_like", "acevedo_like", "int_like")
HELD_OUT = "int_like"


def whole_runs(*, images: int, size: int, epochs: int, repeats: int) -> None:
    """Seconds of one fold, judged after every epoch, and the ratio to the reference."""
    print(
        f"run: ResNet18, {size} px, {images} images a domain, {epochs} epochs, one fold; "
        "seconds, and ratios to erm in the same turn"
    )
    with tempfile.TemporaryDirectory() as name:
        run, settings = make_run(
            Path(name), images=images, size=size, epochs=epochs, domains=DOMAINS
        )
        data = run.data(HELD_OUT)
        runtime = LocalRuntime(torch.device("cpu"))
        configs = {method: settings.config(method, {}) for method in METHODS}
        seconds: dict[str, list[float]] = {method: [] for method in METHODS}
        for turn in range(repeats + 1):
            for method, config in configs.items():
                began = time.perf_counter()
                train_fold(config, data, data.split.folds[0], seed=0, runtime=runtime)
                if turn:  # the first turn warms up
                    seconds[method].append(time.perf_counter() - began)
        for method in METHODS:
            ratios = [a / b for a, b in zip(seconds[method], seconds[METHODS[0]], strict=True)]
            print(f"  {method:36} {spread(seconds[method])}   {spread(ratios)}")
