"""A trial that sleeps instead of training, and writes what a trained one would write.

It has the interface of `wbcray.cluster.trainable.train_trial`, and reports, takes cells up, beats
and commits records as `run_task` and `run_trial` do. It imports no torch, so that many such
processes fit on one machine. Checkpoints are not written: they are training's.
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from wbcray.cluster.ending import BUDGET, STATE, VALUE, TaskEnding
from wbcray.cluster.task import Task
from wbcray.core.result import Counts, EpochReport, FoldResult, SealedCounts
from wbcray.core.seeding import derive_seed
from wbcray.core.split import Split
from wbcray.metrics.scores import SCORES
from wbcray.store.cell import CellKey, CellRecord, Circumstances, LearntFrom
from wbcray.store.cells import CellStore
from wbcray.store.run import identity_of, load_splits
from wbcray.training.objective import Objective


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What all stub trials of a run have in common.

    Attributes:
        epoch_seconds: Slept in each epoch.
    """

    epoch_seconds: float

    def write(self, run: Path) -> None:
        """Leave it where the workers look."""
        _beside(run).mkdir(exist_ok=True)
        _beside(run, "pace.json").write_text(json.dumps(asdict(self)))
        _beside(run, "spans").mkdir(exist_ok=True)


@dataclass(slots=True, kw_only=True)
class Spans:
    """When a trial did what, in seconds of the clock that all processes of a machine share.

    Attributes:
        slept: Beginning and end of each sleep: what stands for training.
        reporting, recording: Seconds in Tune's report and in our store.
    """

    label: str
    pid: int
    began: float
    ended: float = 0.0
    slept: list[tuple[float, float]]
    reporting: float = 0.0
    recording: float = 0.0


def train_trial(config: dict[str, Any]) -> None:
    """Run `config["task"]` without training, and report every epoch."""
    from ray import tune

    run_stub(Task.from_json(config["task"]), tune.report)


def run_stub(task: Task, report: Any) -> list[CellRecord]:
    """Sleep through the task's epochs; report and record as a trial that trains."""
    spans = Spans(label=task.label, pid=os.getpid(), began=time.monotonic(), slept=[])
    try:
        return _Trial(task, report, spans).run()
    finally:  # also where Tune ends the trial within a report
        spans.ended = time.monotonic()
        with _beside(Path(task.run), "spans", f"{spans.pid}.jsonl").open("a") as file:
            file.write(json.dumps(asdict(spans)) + "\n")


def read_spans(run: Path) -> list[Spans]:
    """Of all trials, in the order of their beginnings."""
    files = sorted(_beside(run, "spans").glob("*.jsonl"))
    lines = [line for path in files for line in path.read_text().splitlines()]
    return sorted((Spans(**json.loads(line)) for line in lines), key=lambda one: one.began)


class _Trial:
    def __init__(self, task: Task, report: Any, spans: Spans) -> None:
        self._task, self._report, self._spans = task, report, spans
        self._facts = _facts(task.run)
        self._cells = CellStore(Path(task.run))
        self._objective = Objective(epochs=task.config.epochs, name=task.objective)
        self._rng = np.random.default_rng(derive_seed(task.seed, task.config.digest))
        distance = np.log10(task.config.optimizer.lr) + 3
        self._skill = 0.3 + 0.6 / (1 + distance**2)

    def run(self) -> list[CellRecord]:
        records = [self._fold(key) for key in self._task.cells]
        ending = TaskEnding(values=self._objective.values, budget=self._task.budget + 1)
        self._tell(ending.as_metrics())
        return records

    def _fold(self, key: CellKey) -> CellRecord:
        cells, split = self._cells, self._facts.splits[key.held_out]
        fold = split.folds[key.fold]
        began = time.monotonic()
        lease = cells.begin(key) if cells.find(key) is None else None
        self._spans.recording += time.monotonic() - began
        if lease is None:
            raise RuntimeError("the benchmark trains every cell once")
        reports = []
        for epoch in range(self._task.config.epochs):
            lease.beat()
            self._sleep()
            made = EpochReport(
                fold=key.fold,
                epoch=epoch,
                losses={"classification": 1.0 / (epoch + 1)},
                counts=self._counts(len(fold.validation), split, epoch),
                learning_rate=self._task.config.optimizer.lr,
                seconds=self._facts.pace.epoch_seconds,
            )
            reports.append(made)
            value = self._objective.after_epoch(made)
            self._tell({VALUE: value, BUDGET: self._objective.budget, STATE: ""})
        scores = [_SCORE(one.counts) for one in reports]
        best = scores.index(max(scores))
        result = FoldResult(
            fold=key.fold,
            reports=tuple(reports),
            best_epoch=best,
            counts=reports[best].counts,
            sealed=SealedCounts(self._sealed_counts(split)),
            device="cpu",
            seconds=sum(one.seconds for one in reports),
        )
        images = {
            "train": len(fold.train),
            "validation": len(fold.validation),
            "test": len(split.test),
        }
        began = time.monotonic()
        identity = self._facts.identity
        learnt_from = LearntFrom(
            fingerprint=identity["data_fingerprint"],
            split=self._facts.digests[key.held_out],
            images=images,
        )
        told = Circumstances(weights="0" * 64, learnt_from=learnt_from, provenance=_PROVENANCE)
        lease.keep(self._task.config, result, told)
        cells.release_progress(key)
        record = cells.find(key)
        self._spans.recording += time.monotonic() - began
        if record is None:
            raise RuntimeError("the record did not stay")
        self._objective.after_fold(record.counts)
        return record

    def _sleep(self) -> None:
        began = time.monotonic()
        time.sleep(self._facts.pace.epoch_seconds)
        self._spans.slept.append((began, time.monotonic()))

    def _tell(self, said: dict[str, Any]) -> None:
        began = time.monotonic()
        try:
            self._report(said)
        finally:
            self._spans.reporting += time.monotonic() - began

    def _counts(self, images: int, split: Split, epoch: int) -> Counts:
        reached = self._skill * (1 - np.exp(-(epoch + 2) / 4))
        rows = [self._facts.domains.index(name) for name in split.sources]
        return self._drawn(images, rows, reached)

    def _sealed_counts(self, split: Split) -> Counts:
        row = self._facts.domains.index(split.held_out)
        return self._drawn(len(split.test), [row], self._skill - 0.1)

    def _drawn(self, images: int, rows: list[int], skill: float) -> Counts:
        """Counts of so many images of these domains, right with probability `skill`."""
        domains, classes = len(self._facts.domains), self._facts.classes
        true = self._rng.integers(classes, size=images)
        wrong = (true + self._rng.integers(1, classes, size=images)) % classes
        said = np.where(self._rng.random(images) < skill, true, wrong)
        counts = np.zeros((domains, classes, classes), dtype=np.int64)
        np.add.at(counts, (self._rng.choice(rows, size=images), true, said), 1)
        return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    pace: Pace
    identity: dict[str, Any]
    splits: dict[str, Split]
    digests: dict[str, str]

    @property
    def domains(self) -> list[str]:
        return list(self.identity["domains"])

    @property
    def classes(self) -> int:
        return len(self.identity["classes"])


_SCORE = SCORES["macro_f1"].compute
"""What training chooses a fold's epoch by, the first of equals."""
_PROVENANCE = {"versions": {}, "determinism": "none", "resumed_epochs": 0, "remarks": []}


@lru_cache(maxsize=2)
def _facts(run: str) -> _Facts:
    """Kept, as a trained trial keeps the open run: a process serves many trials."""
    folder = Path(run)
    splits = load_splits(folder)
    return _Facts(
        pace=Pace(**json.loads(_beside(folder, "pace.json").read_text())),
        identity=dict(identity_of(folder)),
        splits=splits,
        digests={name: split.digest for name, split in splits.items()},
    )


def _beside(run: Path, *names: str) -> Path:
    """Of the benchmark's own, outside the run, where nothing takes it for a record."""
    return run.with_name(f"{run.name}.stub").joinpath(*names)
