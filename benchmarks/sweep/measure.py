"""Runs `wbcray tune` in this process, and notes what its driver and its workers did when."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.main_job import make_run
from benchmarks.sweep import worker
from benchmarks.sweep.stamps import Calls, Places, Trial, read_trials, stamped


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The search: `images` a domain, `size` pixels; `slots` trials at once, of one thread each."""

    trials: int
    images: int
    size: int
    epochs: int
    folds: int
    slots: int
    method: str = "erm"
    held_out: str = "acevedo_like"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What it took; moments in seconds of `time.time`.

    Attributes:
        began, ended: Of the command, the start of its process included.
        driver: Calls in the driver.
        handed: When each trial was suggested, in order.
        trials: What the workers noted.
    """

    wanted: Wanted
    began: float
    ended: float
    driver: dict[str, Calls]
    handed: list[float]
    trials: list[Trial]


def sweep(folder: Path, wanted: Wanted) -> Sweep:
    """Search in a new project in `folder`, whose images are decoded within.

    To be called early in a process: what was imported before is not measured.
    """
    _make_project(folder, wanted)
    stamps = folder / "stamps"
    stamps.mkdir()
    began = time.time()
    handed: list[float] = []
    with mock.patch.dict(os.environ, {worker.FOLDER: str(stamps)}):
        from wbcray.cli.main import run
        from wbcray.cluster import tuner

        with (
            mock.patch.object(tuner, "train_trial", worker.train_trial),
            _numbered(handed),
            stamped(driver_places()) as driver,
        ):
            code = run(_words(folder, wanted))
    if code:
        raise RuntimeError(f"wbcray tune ended with {code}")
    return Sweep(
        wanted=wanted,
        began=began,
        ended=time.time(),
        driver=driver,
        handed=handed,
        trials=read_trials(stamps),
    )


def driver_places() -> Places:
    """The stages of the command, each where it is called."""
    import ray
    from ray import tune

    from wbcray.cluster import session
    from wbcray.explorer.reading import rebuild
    from wbcray.training import open_run

    return {
        "run opened, images decoded": (open_run, "open_run"),
        "Ray started": (session, "_start"),
        "search": (tune.Tuner, "fit"),
        "Ray stopped": (ray, "shutdown"),
        "tables made": (rebuild, "rebuild"),
    }


def _make_project(folder: Path, wanted: Wanted) -> None:
    from wbcray.core.project import load_project

    make_run(folder, images=wanted.images, size=wanted.size, epochs=1)
    cache = load_project(folder / "wbcray.yaml").cache
    for path in sorted(cache.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def _words(folder: Path, wanted: Wanted) -> list[str]:
    return [
        *("tune", "--method", wanted.method, "--held-out", wanted.held_out),
        *("--trials", str(wanted.trials), "--epochs", str(wanted.epochs)),
        *("--folds", str(wanted.folds), "--weights", "none", "--address", "local"),
        *("--project", str(folder / "wbcray.yaml"), "--run", "sweep", "--json"),
    ]


@contextmanager
def _numbered(handed: list[float]) -> Iterator[None]:
    """Give each suggestion a number that its worker can note."""
    from wbcray.cluster.searcher import RecordedSearch

    suggest = RecordedSearch.suggest

    def numbered(search: RecordedSearch, trial_id: str) -> Any:
        found = suggest(search, trial_id)
        if isinstance(found, dict):
            found[worker.NUMBER] = len(handed)
            handed.append(time.time())
        return found

    with mock.patch.object(RecordedSearch, "suggest", numbered):
        yield
