"""Train random configurations in full and keep their learning curves, and the defaults' first."""

import argparse
import os
import time
from pathlib import Path

import optuna

from benchmarks.search.table import DEFAULTS, Report, Row, append, load
from benchmarks.search.trainer import Trainer, open_trainer, trainer_options
from wbcray.core.errors import InfeasibleError
from wbcray.core.hyper import Scalar
from wbcray.core.seeding import derive_seed
from wbcray.search.optuna_space import SEEDS, SuggestSpace
from wbcray.search.space import SearchSpace


def options(parser: argparse.ArgumentParser) -> None:
    """What is trained."""
    trainer_options(parser)
    parser.add_argument("--first", type=int, default=DEFAULTS, help="number of the first row")
    parser.add_argument("--rows", type=int, default=150, help="number after the last row")
    parser.add_argument("--most-load", type=float, default=99.0, help="wait above this load")
    parser.add_argument("--out", type=Path, default=Path("curves.jsonl"))


def main(given: argparse.Namespace, folder: Path) -> None:
    """Train what is not in the file yet; it can be ended and begun again."""
    del folder
    trainer = open_trainer(given)
    known = {row.number for row in load([given.out])}
    for number in range(given.first, given.rows):
        if number in known:
            continue
        while os.getloadavg()[0] > given.most_load:
            time.sleep(10)
        row = train(trainer, number)
        if row is not None:
            append(given.out, row)
            print(f"{number:4d}  value {row.value:.4f}  {row.seconds:.1f} s", flush=True)


def train(trainer: Trainer, number: int) -> Row | None:
    """Row `number`; None where the configuration cannot be trained."""
    params = trainer.defaults() if number == DEFAULTS else drawn(trainer.space, number)
    try:
        return trainer.trial(number, params, go_on=in_full)
    except InfeasibleError as error:
        print(f"{number:4d}  {error.what}", flush=True)
        return None


def in_full(report: Report) -> bool:
    """No trial is stopped."""
    del report
    return True


def drawn(space: SearchSpace, number: int) -> dict[str, Scalar]:
    """Random configuration `number`: independent of all others, and the same every time."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    seed = derive_seed(0, "search benchmark", number) % SEEDS
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    return SuggestSpace(space)(study.ask())
