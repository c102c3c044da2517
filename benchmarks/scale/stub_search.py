"""A search of stub trials over the real road, and what its driver used."""

import math
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import psutil

from benchmarks.main_job import make_run
from benchmarks.scale import stub
from benchmarks.scale.parts import ENDS, REPORTS, Part, driver_parts, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wbcray.cluster.plan import StudyPlan
    from wbcray.cluster.progress import Watch
    from wbcray.cluster.supervisor import Terms

HELD_OUT = "acevedo_like"
RUN = "bench"
"""The name that `make_run` gives."""
_HELD_OUT = (HELD_OUT, "matek_like")
MIB = 2**20
_BETWEEN_LOOKS = 2.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A search to be measured.

    Attributes:
        trials: Of each study.
        studies: They differ by the domain and by the loss, which a stub does not have.
        in_turn: Whether each study has all slots to itself until it ends.
        slots: CPUs that Ray is told there are; trials ask for one each.
        epoch_seconds: Slept in each epoch.
        address: As `wbcray tune --address`.
        pruned: Whether ASHA stops trials.
        minutes: After so long the search is ended as by Ctrl-C.
    """

    trials: int
    slots: int
    folds: int
    epochs: int
    epoch_seconds: float
    studies: int = 1
    in_turn: bool = False
    address: str = "local"
    pruned: bool = True
    minutes: float = math.inf


@dataclass(slots=True, kw_only=True)
class Sample:
    """The driver at one moment.

    Attributes:
        at: Seconds of the clock that the stubs use, too.
        told, reports: Trials that have ended, and reports that have come.
        rss, available: MiB of the driver, and MiB that the machine has left.
        processor: Seconds of the driver, without this looking.
        workers: Ray's worker processes.
        workers_rss, workers_own: MiB of all of them, and what they share with nobody.
    """

    at: float
    told: int
    reports: int
    rss: float
    available: float
    processor: float
    workers: int
    workers_rss: float
    workers_own: float


@dataclass(slots=True, kw_only=True)
class Measured:
    """What a search took."""

    wanted: Wanted
    run: Path
    began: float = 0.0
    ended: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    parts: dict[str, Part] = field(default_factory=dict)
    statuses: list[tuple[int, float]] = field(default_factory=list)
    spans: list[stub.Spans] = field(default_factory=list)

    @property
    def told(self) -> int:
        """Trials whose end was recorded."""
        return self.parts[ENDS].calls


def search(folder: Path, wanted: Wanted, *, statuses: int = 0) -> Measured:
    """Search in a new run in `folder`, looked at from outside `statuses` times meanwhile."""
    from wbcray.cluster import study, tuner
    from wbcray.cluster.disk_space import Room
    from wbcray.cluster.optuna_cache import open_cache
    from wbcray.cluster.session import ray_session
    from wbcray.store.driver import driving

    plans = plans_of(folder, wanted)
    run = folder / "runs" / RUN
    stub.Pace(epoch_seconds=wanted.epoch_seconds).write(run)
    measured = Measured(wanted=wanted, run=run)
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(tuner, "train_trial", stub.train_trial))
        # No checkpoints are written, so no room is kept for them.
        nothing = Room(kept=0, passing=0)
        stack.enter_context(mock.patch.object(study, "room_of_studies", return_value=nothing))
        driver = stack.enter_context(driving(run))
        storage = open_cache(run, None, print)
        cpus = wanted.slots if wanted.address == "local" else None
        log = run / "ray" / "ray.log"
        cluster = stack.enter_context(ray_session(wanted.address, log=log, cpus=cpus))
        measured.parts = stack.enter_context(timed(driver_parts()))
        stack.enter_context(_Looker(measured, statuses))
        records = [study.begin_study(plan, check=driver.check) for plan in plans]
        sittings = [slice(one, one + 1) for one in range(len(plans))]
        searches = [
            partial(study.run_studies, plans[part], records[part], cluster, storage)
            for part in (sittings if wanted.in_turn else [slice(None)])
        ]
        _run(measured, searches)
    measured.spans = stub.read_spans(run)
    return measured


def _run(measured: Measured, searches: "Sequence[Callable[[Watch, Terms], object]]") -> None:
    from wbcray.cluster.progress import Silent
    from wbcray.cluster.supervisor import Terms

    measured.began = time.monotonic()
    last = measured.began + 60 * measured.wanted.minutes
    terms = Terms(
        interrupted=lambda: time.monotonic() > last,
        remark=lambda said: print(said, file=sys.stderr),
    )
    try:
        for run_studies in searches:
            run_studies(Silent(), terms)
    except KeyboardInterrupt:
        if not terms.interrupted():
            raise
    measured.ended = time.monotonic()


def plans_of(folder: Path, wanted: Wanted) -> "list[StudyPlan]":
    """A plan of each study, in a new run in `folder`."""
    from wbcray.cluster.plan import Resources, StudyPlan
    from wbcray.cluster.spaces import load_space

    run, settings = make_run(folder, images=120, size=32, epochs=wanted.epochs, folds=wanted.folds)
    space = load_space("erm", None)
    if not wanted.pruned:
        space = replace(space, settings=replace(space.settings, scheduler="none"))
    plans = []
    for number in range(wanted.studies):
        loss, domain = divmod(number, len(_HELD_OUT))
        name = f"focal+classification.gamma={loss / 20}" if loss else "erm"
        plan = StudyPlan(
            run=run.folder,
            method=name,
            held_out=_HELD_OUT[domain],
            space=replace(space, method=name),
            settings=settings,
            trials=wanted.trials,
            resources=Resources(cpus=1),
            fixed={},
            sources=1,
        )
        plans.append(plan)
    return plans


class _Looker:
    """Looks at the driver all the time, and now and then asks `wbcray status` beside it."""

    def __init__(self, measured: Measured, statuses: int) -> None:
        self._measured, self._statuses = measured, statuses
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._look), threading.Thread(target=self._ask)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._over.wait(_BETWEEN_LOOKS):
            workers = _workers(me)
            sample = Sample(
                at=time.monotonic(),
                told=self._measured.told,
                reports=self._measured.parts[REPORTS].calls,
                rss=me.memory_info().rss / MIB,
                available=psutil.virtual_memory().available / MIB,
                processor=sum(me.cpu_times()[:2]) - time.thread_time(),
                workers=len(workers),
                workers_rss=sum(rss for rss, _ in workers) / MIB,
                workers_own=sum(rss - shared for rss, shared in workers) / MIB,
            )
            self._measured.samples.append(sample)

    def _ask(self) -> None:
        for number in range(1, self._statuses + 1):
            wanted = self._measured.wanted
            at = number * wanted.studies * wanted.trials // (self._statuses + 1)
            while self._measured.told < at:
                if self._over.wait(0.5):
                    return
            self._measured.statuses.append(
                (self._measured.told, status_seconds(self._measured.run))
            )


def _workers(driver: psutil.Process) -> list[tuple[int, int]]:
    """Resident and shared bytes of each of Ray's worker processes."""
    found = []
    for child in driver.children(recursive=True):
        with suppress(psutil.Error, OSError):
            if "ray::" in "".join(child.cmdline()[:1]):
                memory = child.memory_info()
                found.append((memory.rss, memory.shared))
    return found


def status_seconds(run: Path) -> float:
    """How long a person waits for `wbcray status`."""
    return command_seconds("status", str(run), "--json")


def command_seconds(*words: str) -> float:
    """How long a person waits for a command of wbcray."""
    began = time.perf_counter()
    subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", "wbcray", *words],
        stdout=subprocess.DEVNULL,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    return time.perf_counter() - began
