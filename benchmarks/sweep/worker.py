"""A trial as `wbcray tune` trains it, with a note of when its parts began and ended."""

import os
from pathlib import Path
from typing import Any

from benchmarks.sweep.stamps import Places, Trial, stamped

FOLDER = "WBCRAY_BENCHMARK_STAMPS"
"""The environment variable that says where the notes go."""
NUMBER = "benchmark_number"
TRIAL, EPOCH, STEPS, FOLD = "a trial", "an epoch", "training steps", "a fold"


def train_trial(config: dict[str, Any]) -> None:
    """In place of `wbcray.cluster.trainable.train_trial`."""
    import psutil

    from wbcray.cluster import trainable

    number = config[NUMBER]
    process = psutil.Process()
    try:
        with stamped(places()) as calls:
            trainable.train_trial(config)
    finally:  # also where Tune ends the trial within a report
        trial = Trial(number=number, pid=os.getpid(), born=process.create_time(), calls=calls)
        trial.write(Path(os.environ[FOLDER]))


def places() -> Places:
    """The parts of a trial, each where it is called."""
    from ray import tune

    from wbcray.cluster import run_task, trainable
    from wbcray.store.cells import CellStore
    from wbcray.store.leases import Lease
    from wbcray.training import fold, trial
    from wbcray.training.judgement import Judge

    return {
        TRIAL: (trainable, "run_task"),
        "opening the run": (run_task, "opened"),
        FOLD: (trial, "train_fold"),
        "sets of images": (fold, "make_sets"),
        "network, method, optimizer": (fold, "assemble"),
        EPOCH: (fold, "_epoch"),
        STEPS: (fold, "train_epoch"),
        "evaluation": (Judge, "__call__"),
        "finish": (fold, "apply_finish"),
        "checkpoint": (trial, "write_weights"),
        "record": (Lease, "keep"),
        "taking the cell up": (CellStore, "begin"),
        "report to Tune": (tune, "report"),
    }
