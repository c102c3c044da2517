"""Search for real: our sampler and halving train what they propose until a target is reached."""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

from benchmarks.search.arms import OURS, Arm, arms
from benchmarks.search.curves import in_full
from benchmarks.search.halving import Halving
from benchmarks.search.proposals import Told
from benchmarks.search.table import Report, Row
from benchmarks.search.trainer import Trainer, open_trainer, trainer_options
from wbcray.core.errors import InfeasibleError
from wbcray.core.hyper import Scalar
from wbcray.training.fold import StoppedEarly


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial of a real search.

    Attributes:
        params: What was searched.
        epochs: Spent over all folds.
        seconds: Of the processor.
        value: The objective; None of a trial that was stopped or could not be trained.
        reported: The last value that was reported.
    """

    params: dict[str, Scalar]
    epochs: int
    seconds: float
    value: float | None
    reported: float


def options(parser: argparse.ArgumentParser) -> None:
    """What is searched, and until when."""
    trainer_options(parser)
    parser.add_argument("--target", type=float, required=True)
    parser.add_argument("--most-epochs", type=int, default=240, help="where a search gives up")
    parser.add_argument("--first", type=int, default=0, help="seed of the first search")
    parser.add_argument("--searches", type=int, default=10)
    parser.add_argument("--way", default=OURS, help="an arm of `replay`")
    parser.add_argument("--rescore", type=int, default=2, help="new training seeds of each winner")
    parser.add_argument("--out", type=Path, default=Path("searches.jsonl"))


def main(given: argparse.Namespace, folder: Path) -> None:
    """Search with one seed after the other, and train each winner with new seeds."""
    del folder
    trainer = open_trainer(given)
    arm = arms(trainer.space.settings, epochs=given.epochs, folds=given.folds)[given.way]
    for seed in range(given.first, given.first + given.searches):
        trials = search(trainer, arm, seed=seed, target=given.target, most_epochs=given.most_epochs)
        best = max((one for one in trials if one.value is not None), key=lambda one: one.value or 0)
        again = [rescored(trainer, best.params, seed=new + 1) for new in range(given.rescore)]
        found = {
            "seed": seed,
            "way": given.way,
            "target": given.target,
            "most_epochs": given.most_epochs,
            "trials": [asdict(one) for one in trials],
            "again": again,
        }
        with given.out.open("a") as file:
            file.write(json.dumps(found) + "\n")
        epochs, seconds = spent_to(trials, given.target)
        print(
            f"seed {seed}: {len(trials)} trials, best {best.value:.4f}, target after "
            f"{epochs} epochs, {seconds:.1f} s; with new seeds {again}",
            flush=True,
        )


def search(
    trainer: Trainer, arm: Arm, *, seed: int, target: float, most_epochs: float
) -> list[Trial]:
    """The trials of one search, one at a time, until one has the target or epochs run out."""
    proposer = arm.proposer(trainer.space, trainer.defaults(), seed)
    halving = arm.halving()
    trials: list[Trial] = []
    while sum(trial.epochs for trial in trials) < most_epochs:
        number, params = proposer.next()
        reports: list[Report] = []
        trial = train(trainer, number, params, halving, reports)
        trials.append(trial)
        proposer.tell(number, Told(params=params, reports=reports, value=trial.value))
        if trial.value is not None and trial.value >= target:
            break
    return trials


def train(
    trainer: Trainer,
    number: int,
    params: dict[str, Scalar],
    halving: Halving | None,
    reports: list[Report],
) -> Trial:
    """One trial, stopped where the halving stops it; `reports` takes what it said."""

    def go_on(report: Report) -> bool:
        reports.append(report)
        return halving is None or halving.goes_on(number, report)

    value = None
    try:
        row: Row | None = trainer.trial(number, params, go_on=go_on)
    except (StoppedEarly, InfeasibleError):
        row = None
    if row is not None:
        value = row.value
    last = reports[-1] if reports else Report(epochs=0, value=0.0, seconds=0.0)
    return Trial(
        params=params,
        epochs=last.epochs,
        seconds=row.seconds if row is not None else last.seconds,
        value=value,
        reported=last.value,
    )


def rescored(trainer: Trainer, params: dict[str, Scalar], *, seed: int) -> float:
    """The objective of a configuration trained in full with another seed."""
    return trainer.trial(0, params, seed=seed, go_on=in_full).value


def spent_to(trials: list[Trial], target: float) -> tuple[float, float]:
    """Epochs and processor seconds until a complete trial had the target; infinite if none had."""
    epochs, seconds = 0, 0.0
    for trial in trials:
        epochs, seconds = epochs + trial.epochs, seconds + trial.seconds
        if trial.value is not None and trial.value >= target:
            return epochs, seconds
    return float("inf"), float("inf")


def load(path: Path) -> list[tuple[list[Trial], list[float]]]:
    """The searches in a file, each with the values of its winner with new seeds."""
    found = []
    for line in path.read_text().splitlines():
        data = json.loads(line)
        found.append(([Trial(**one) for one in data["trials"]], data["again"]))
    return found
