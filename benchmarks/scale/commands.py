"""What commands that read a whole run take, on a run that was made without Ray or training."""

import argparse
import os
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, final
from unittest import mock

import numpy as np

from benchmarks.main_job import spread
from benchmarks.scale import stub
from benchmarks.scale.driver_use import machine

if TYPE_CHECKING:
    from wbcray.cluster.plan import StudyPlan

COMMANDS = {"status": ("status",), "verify": ("store", "verify"), "rebuild": ("store", "rebuild")}
_RUNGS, _PASSES = (2, 6, 18), 3
"""Epochs at which a trial may be stopped, and one in so many that is not."""


@final
class Stopped(Exception):  # noqa: N818  # no error: how a scheduler ends a trial
    """A trial has reached the rung at which it is stopped."""


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    parser.add_argument("--trials", type=int, default=100, help="of each study")
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=6, help="of each fold")
    parser.add_argument("--keep", type=Path, help="make the run here, or take the one that is here")
    parser.add_argument("--rounds", type=int, default=3, help="of all programs, in turn")
    parser.add_argument("--commands", nargs="+", default=list(COMMANDS), choices=COMMANDS)
    parser.add_argument(
        "--against", type=Path, help="root of other sources of wbcray, measured in turn with these"
    )


def main(given: argparse.Namespace, folder: Path) -> None:
    """Make the run, measure, print."""
    folder = given.keep or folder
    run = folder / "runs" / "bench"
    if not run.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make_search(folder, given)
    files = [path for path in run.rglob("*.json") if path.is_file()]
    print(f"{len(files)} files of records, {machine()}", flush=True)
    programs = {"these sources": Path(__file__).parents[2]}
    if given.against:
        programs = {"the others": given.against} | programs
    for command in given.commands if given.rounds else ():
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
        for _ in range(given.rounds):
            for name, root in programs.items():
                found[name].append(_measured(root, *COMMANDS[command], str(run)))
        for name, times in found.items():
            wall, processor = ([one[i] for one in times] for i in (0, 1))
            print(f"{command}, {name}: {spread(wall)} s, processor {spread(processor)} s")
        if given.against:
            pairs = zip(*found.values(), strict=True)
            ratios = [before[1] / after[1] for before, after in pairs]
            print(f"{command}: the others over these, processor {spread(ratios)}; {machine()}")


def _measured(root: Path, *words: str) -> tuple[float, float]:
    """Seconds of the clock, and of the processor, that the wbcray in `root` takes."""
    began, before = time.perf_counter(), os.times()
    subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", "wbcray", *words],
        stdout=subprocess.DEVNULL,
        check=True,
        cwd=root,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)},
    )
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return time.perf_counter() - began, used


def make_search(folder: Path, given: argparse.Namespace) -> None:
    """Record what a search of stub trials leaves behind, without waiting for the disk."""
    from benchmarks.scale.stub_search import Wanted, plans_of
    from wbcray.store import disk

    wanted = Wanted(
        trials=given.trials,
        studies=given.studies,
        slots=1,
        folds=given.folds,
        epochs=given.epochs,
        epoch_seconds=0.0,
    )
    plans = plans_of(folder, wanted)
    stub.Pace(epoch_seconds=0.0).write(folder / "runs" / "bench")
    rng = np.random.default_rng(0)
    with mock.patch.multiple(disk, flush=_nothing, flush_folder=_nothing):
        for plan in plans:
            _make_study(plan, rng)


def _nothing(*_: object) -> None:
    return


def _make_study(plan: "StudyPlan", rng: np.random.Generator) -> None:
    import optuna

    from wbcray.cluster.study import begin_study
    from wbcray.search.optuna_space import SuggestSpace

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    records = begin_study(plan)
    suggest = SuggestSpace(plan.space)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=len(plan.name)))
    for number in range(plan.trials):
        trial = study.ask()
        asked = plan.asked(number, plan.first() if number == 0 else suggest(trial))
        records.ask(asked)
        last = plan.budget
        if number:
            last = next((rung for rung in _RUNGS if rng.integers(_PASSES)), last)
        records.tell(_told(plan, number, last, plan.task(asked)))


def _told(plan: "StudyPlan", number: int, last: int, task: Any) -> Any:
    from wbcray.store.cells import CellStore
    from wbcray.store.study_contents import Told

    reports: list[dict[str, Any]] = []
    epochs = count(1)

    def report(said: dict[str, Any]) -> None:
        reports.append(said)
        if next(epochs) == last < plan.budget:
            raise Stopped

    cells = CellStore(plan.run)
    values: tuple[float, ...] = ()
    try:
        stub.run_stub(task, report)
        values = tuple(reports[-1]["values"])
    except Stopped:
        for key in task.cells:
            cells.end_open(key, "STOPPED", "fell behind")
    return Told(
        number=number,
        state="COMPLETE" if values else "PRUNED",
        value=sum(values) / len(values) if values else None,
        values=values,
        intermediate=tuple((one["budget"], one["value"]) for one in reports if not one["state"]),
        budget=last,
        seconds=0.0,
    )
