"""Learning curves of many configurations, a JSON line each, and what a search sees of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from wbcray.core.hyper import Scalar

DEFAULTS = -1
"""The number of the row with the method's defaults; random rows count from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldCurve:
    """One fold's training.

    Attributes:
        scores: The objective on the fold's validation images after each epoch.
        seconds: Processor seconds from the fold's beginning to each report.
        value: The objective of the weights that were kept.
        end: Processor seconds of the whole fold, the judging of the kept weights included.
    """

    scores: tuple[float, ...]
    seconds: tuple[float, ...]
    value: float
    end: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A configuration and the curves of all its folds, in the order of their numbers."""

    number: int
    params: dict[str, Scalar]
    folds: tuple[FoldCurve, ...]

    @property
    def value(self) -> float:
        """What the trial is worth once all folds are trained."""
        return float(np.mean([fold.value for fold in self.folds]))

    @property
    def seconds(self) -> float:
        """Processor seconds of the whole trial."""
        return sum(fold.end for fold in self.folds)

    @property
    def epochs(self) -> int:
        """Epochs of the whole trial."""
        return sum(len(fold.scores) for fold in self.folds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a scheduler hears of a trial: as `training.objective.Objective` says it.

    Attributes:
        epochs: Spent by the trial so far.
        value: Mean over finished folds and the best epoch so far of those that are not.
        seconds: Processor seconds spent by the trial so far.
    """

    epochs: int
    value: float
    seconds: float


def in_turn(row: Row, order: Sequence[int] | None = None) -> list[Report]:
    """The reports of a trial that trains one fold after the other, by default as numbered."""
    reports: list[Report] = []
    finished: list[float] = []
    spent = 0.0
    for fold in (row.folds[number] for number in order or range(len(row.folds))):
        best = -np.inf
        for score, seconds in zip(fold.scores, fold.seconds, strict=True):
            best = max(best, score)
            mean = float(np.mean([*finished, best]))
            reports.append(Report(epochs=len(reports) + 1, value=mean, seconds=spent + seconds))
        finished.append(fold.value)
        spent += fold.end
    return reports


def side_by_side(row: Row) -> list[Report]:
    """The reports of a trial that trains an epoch of each fold before the next epoch of any."""
    reports: list[Report] = []
    best: dict[int, float] = {}
    spent = 0.0
    for epoch in range(max(len(fold.scores) for fold in row.folds)):
        for number, fold in enumerate(row.folds):
            if epoch < len(fold.scores):
                best[number] = max(best.get(number, -np.inf), fold.scores[epoch])
                spent += fold.seconds[epoch] - (fold.seconds[epoch - 1] if epoch else 0.0)
                mean = float(np.mean(list(best.values())))
                reports.append(Report(epochs=len(reports) + 1, value=mean, seconds=spent))
    return reports


def append(path: Path, row: Row) -> None:
    """Add a row to a file."""
    with path.open("a") as file:
        file.write(json.dumps(asdict(row)) + "\n")


def load(paths: Iterable[Path]) -> list[Row]:
    """The rows of some files by number; of rows with the same number the first counts.

    Raises:
        SystemExit: Where rows were trained for different numbers of epochs or folds.
    """
    rows: dict[int, Row] = {}
    for path in paths:
        for line in path.read_text().splitlines() if path.exists() else ():
            row = _row(json.loads(line))
            rows.setdefault(row.number, row)
    if len({(row.epochs, len(row.folds)) for row in rows.values()}) > 1:
        raise SystemExit("the curves are of different lengths: give those of one setting")
    return [rows[number] for number in sorted(rows)]


def _row(data: dict[str, Any]) -> Row:
    folds = tuple(
        FoldCurve(
            scores=tuple(fold["scores"]),
            seconds=tuple(fold["seconds"]),
            value=fold["value"],
            end=fold["end"],
        )
        for fold in data["folds"]
    )
    return Row(number=data["number"], params=data["params"], folds=folds)
