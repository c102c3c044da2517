"""Is everything in a run what was recorded, and does it follow from the counts?

Hashes of all records, names and totals of all cells, the value of every complete trial computed
again from counts, the kept checkpoints, and the tables beside a fresh set. Writes nothing.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from wbcray.core.errors import StoreError
from wbcray.explorer.reading.cell_checks import CellChecks
from wbcray.explorer.reading.kept_studies import KeptStudy
from wbcray.explorer.reading.rebuild import as_parquet, make_tables
from wbcray.explorer.reading.trial_records import TrialRecords
from wbcray.search.space import DEFAULT_OBJECTIVE
from wbcray.store.audit import Audit, Problem, audit
from wbcray.store.cell import CellKey, CellRecord
from wbcray.store.kept_weights import wrong_outputs, wrong_weights
from wbcray.store.record_kinds import Parts
from wbcray.store.studies import StudyStore, studies_of
from wbcray.store.study_contents import StudyContents, Told
from wbcray.training.objective import Objective

_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found.

    Attributes:
        audit: Records, hashed.
        wrong: What is unchanged and cannot be right: a name, a total, a score, a checkpoint.
        cells: Results of cells whose names and totals were looked at.
        scores: Complete trials whose values were computed again.
        weights: Checkpoints that were hashed.
        stale: Tables that a rebuild would make otherwise; no truth is lost by it.
        unchecked: What could not be looked at, and why.
    """

    audit: Audit
    wrong: tuple[Problem, ...]
    cells: int
    scores: int
    weights: int
    stale: tuple[str, ...]
    unchecked: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is corrupt or wrong; stale tables do not count."""
        return not (self.audit.problems or self.wrong)

    def as_json(self) -> dict[str, Any]:
        """The contract's four numbers, and what is behind them."""
        problems = [asdict(problem) for problem in (*self.audit.problems, *self.wrong)]
        return self.audit.as_json() | {
            "wrong": len(self.wrong),
            "cells": self.cells,
            "scores": self.scores,
            "weights": self.weights,
            "stale": list(self.stale),
            "unchecked": list(self.unchecked),
            "problems": problems,
        }


def verify(run: Path) -> Verification:
    """Look at everything in `run`.

    Raises:
        StoreError: For a record of a newer wbcray.
        ResourceError: When the system does not give a record.
    """
    cells, trials = CellChecks(run), TrialRecords()

    def look(parts: Parts, kind: str, payload: Mapping[str, Any]) -> list[str]:
        trials.keep(parts, payload)
        return cells.look(parts, kind, payload)

    found = audit(run, look)
    studies = {study: trials.contents(study.folder.name) for study in studies_of(run)}
    scored = [item for study in studies for item in _scores(study, studies[study], cells.records)]
    weights = list(wrong_weights(run))
    stale, untold = _stale(run, cells.records, studies)
    wrong = (*found.wrong, *filter(None, scored), *filter(None, (*weights, *wrong_outputs(run))))
    return Verification(
        audit=found,
        wrong=wrong,
        cells=cells.looked_at,
        scores=len(scored),
        weights=len(weights),
        stale=stale,
        unchecked=(*cells.unchecked(), *_unchecked_studies(list(studies)), *untold),
    )


def _scores(
    study: StudyStore, contents: StudyContents, cells: Mapping[CellKey, CellRecord]
) -> Iterator[Problem | None]:
    """For each complete trial what is wrong with its values, or None."""
    identity = _identity(study)
    if identity is None:
        return
    seed = int(identity.get("seed", 0))
    objective = str(identity.get("space", {}).get("objective", "")) or DEFAULT_OBJECTIVE
    asked = contents.asked()
    for number, told in contents.told().items():
        if told.state != "COMPLETE":
            continue
        digest = asked[number].config.digest
        keys = [
            CellKey(config=digest, held_out=study.held_out, fold=fold, seed=seed)
            for fold in range(len(told.values))
        ]
        what = _wrong_score(told, [cells.get(key) for key in keys], objective)
        path = f"studies/{study.folder.name}/trials/{number:05d}-told.json"
        yield (
            Problem(
                path=path,
                what=what,
                concerns=f"score of trial {number}, {study}",
                then="do not use the score; `wbcray store rebuild` does not mend it",
            )
            if what
            else None
        )


def _wrong_score(told: Told, cells: Sequence[CellRecord | None], objective: str) -> str:
    missing = [str(fold) for fold, cell in enumerate(cells) if cell is None]
    if missing or not cells:
        return f"its counts are not there: fold {', '.join(missing) or '0'} has no result"
    again = Objective(epochs=1, name=objective)
    for cell in cells:
        if cell is not None:
            again.after_fold(cell.counts)
    for fold, (said, found) in enumerate(zip(told.values, again.values, strict=True)):
        if abs(said - found) > _TOLERANCE:
            return f"fold {fold} is recorded as {said!r}, and {found!r} by its counts"
    mean = sum(again.values) / len(again.values)
    if told.value is None or abs(told.value - mean) > _TOLERANCE:
        return f"its value is recorded as {told.value!r}, and {mean!r} by its counts"
    return ""


def _identity(study: StudyStore) -> Mapping[str, Any] | None:
    try:
        return study.identity()
    except StoreError:
        return None


def _unchecked_studies(studies: Sequence[StudyStore]) -> list[str]:
    lost = [study for study in studies if _identity(study) is None]
    return [f"scores of {study}: what it was begun with is damaged or gone" for study in lost]


def _stale(
    run: Path,
    cells: Mapping[CellKey, CellRecord],
    studies: Mapping[StudyStore, StudyContents],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tables that differ from fresh ones, and why that could not be told."""
    if not (run / "facts.json").exists() and not (run / "tables").exists():
        return (), ()
    try:
        kept = [KeptStudy(study, contents) for study, contents in studies.items()]
        made = make_tables(run, cells.get, lambda _: kept)
    except StoreError as error:
        return (), (f"tables: {error.what}",)
    stale = [
        f"tables/{name}.parquet"
        for name, frame in made.frames.items()
        if not _is_same(run / "tables" / f"{name}.parquet", frame)
    ]
    try:
        facts = json.loads((run / "facts.json").read_bytes())
    except (OSError, ValueError):
        facts = None
    if facts != json.loads(json.dumps(made.facts)):
        stale.append("facts.json")
    return tuple(stale), ()


def _is_same(path: Path, frame: pd.DataFrame) -> bool:
    """Whether a file holds what would be written to it now."""
    fresh = pd.read_parquet(io.BytesIO(as_parquet(frame)))
    try:
        return pd.read_parquet(path).equals(fresh)
    except (OSError, ValueError):  # pyarrow's errors are ValueErrors
        return False
