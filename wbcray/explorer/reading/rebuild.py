"""Tables for people and figures, made from the records alone; delete them and make them again.

Writes `tables/{cells,confusion,curves,trials}.parquet` and `facts.json`. Rows of a held-out domain
are of opened cells only.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wbcray.core.config import AXES
from wbcray.core.result import Counts
from wbcray.explorer.reading.kept_studies import KeptStudies, StudyRecords
from wbcray.explorer.reading.made_with import determinism_of, versions_of
from wbcray.explorer.reading.selection_rule import selection_rule
from wbcray.explorer.reading.tables import COLUMNS, UNSEEN, VALIDATION, RunTables, read_tables
from wbcray.explorer.reading.trial_rows import trial_rows
from wbcray.methods.adapting import ADAPTING
from wbcray.metrics.scores import macro_f1, micro_f1
from wbcray.search.space import DEFAULT_OBJECTIVE
from wbcray.store.cell import CellKey, CellRecord
from wbcray.store.cells import CellStore
from wbcray.store.openings import Openings
from wbcray.store.run import identity_of
from wbcray.store.selections import Selection, Selections

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A recorded cell, and the selection it is shown under."""

    selection: Selection
    record: CellRecord


Find = Callable[[CellKey], CellRecord | None]
Studies = Callable[[Path], Sequence[StudyRecords]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What `rebuild` writes: the tables by name, and the facts."""

    frames: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]


def rebuild(run: Path) -> RunTables:
    """Write the tables of a run anew and return them."""
    made = make_tables(run, CellStore(run).find, KeptStudies())
    for name, frame in made.frames.items():
        _replace(run / "tables" / f"{name}.parquet", as_parquet(frame))
    _replace(run / "facts.json", json.dumps(made.facts, indent=2).encode())
    return read_tables(run)


def make_tables(run: Path, find: Find, studies: Studies) -> Made:
    """The tables of a run from its records; writes nothing.

    Raises:
        StoreError: When what the run was begun with, a selection or an opening is damaged.
    """
    identity = identity_of(run)
    classes, domains = identity["classes"], identity["domains"]
    searched = studies(run)
    shown = _shown_cells(run, find, searched)
    openings = Openings(run)
    opened = openings.opened()
    unseen = openings.open([s.record for s in shown if s.record.key in opened], "selected")
    rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    for item in shown:
        test = unseen.get(item.record.key)
        rows["cells"].append(_cell_row(item, opened=test is not None))
        rows["confusion"] += _confusion_rows(item, VALIDATION, item.record.counts, classes, domains)
        if test is not None:
            rows["confusion"] += _confusion_rows(item, UNSEEN, test, classes, domains)
        rows["curves"] += _curve_rows(item)
    for study in searched:
        rows["trials"] += trial_rows(study)
    frames = {
        name: pd.DataFrame(rows[name]) if rows[name] else pd.DataFrame(columns=list(columns))
        for name, columns in COLUMNS.items()
    }
    return Made(frames=frames, facts=_facts(run, identity, shown, searched, openings.count()))


def _shown_cells(run: Path, find: Find, studies: Sequence[StudyRecords]) -> list[_Shown]:
    """Cells of the current selections; where a study has none yet, those of its best trial."""
    selections = Selections(run).current()
    named = {(item.method, item.held_out) for item in selections}
    for study in studies:
        best = study.best()
        if best is not None and (study.method, study.held_out) not in named:
            selections.append(_of_best(run, study))
    found = [(selection, find(key)) for selection in selections for key in selection.cells()]
    return [_Shown(selection=s, record=record) for s, record in found if record is not None]


def _of_best(run: Path, study: StudyRecords) -> Selection:
    best = study.best()
    if best is None:
        raise ValueError("the study has no complete trial")
    asked, _ = best
    return Selection(
        method=study.method,
        held_out=study.held_out,
        config=asked.config,
        origin="tuned",
        trial=asked.number,
        folds=tuple(range(identity_of(run)["folds"])),
        seeds=(0,),
    )


def _key_columns(selection: Selection, key: CellKey) -> Row:
    return {
        "method": selection.shown_as,
        "held_out": key.held_out,
        "fold": key.fold,
        "seed": key.seed,
        "config": key.config,
    }


def _adapts(selection: Selection) -> bool:
    method = selection.config.method
    return any((axis, method.part(axis).name) in ADAPTING for axis in AXES)


def _cell_row(item: _Shown, *, opened: bool) -> Row:
    record = item.record
    return _key_columns(item.selection, record.key) | {
        "origin": item.selection.origin,
        "trial": item.selection.trial,
        "epochs": len(record.reports),
        "best_epoch": record.best_epoch,
        "seconds": record.seconds,
        "device": record.device,
        "n_train": record.images["train"],
        "n_validation": record.images["validation"],
        "n_test": record.images["test"],
        "test_opened": opened,
    }


def _confusion_rows(
    item: _Shown, split: str, counts: Counts, classes: Sequence[str], domains: Sequence[str]
) -> list[Row]:
    key = _key_columns(item.selection, item.record.key) | {"split": split}
    return [
        key
        | {"domain": domains[domain], "true": classes[true], "predicted": classes[predicted]}
        | {"count": int(counts[domain, true, predicted])}
        for domain, true, predicted in np.argwhere(counts > 0)
    ]


def _curve_rows(item: _Shown) -> list[Row]:
    key = _key_columns(item.selection, item.record.key) | {"trial": item.selection.trial}
    return [
        key
        | {
            "epoch": report.epoch,
            "val_macro_f1": macro_f1(report.counts),
            "val_micro_f1": micro_f1(report.counts),
            "learning_rate": report.learning_rate,
            "seconds": report.seconds,
        }
        | {f"loss_{name}": value for name, value in report.losses.items()}
        for report in item.record.reports
    ]


def _facts(
    run: Path,
    identity: Mapping[str, Any],
    shown: Sequence[_Shown],
    studies: Sequence[StudyRecords],
    openings: int,
) -> dict[str, Any]:
    objectives = {study.folder.name: study.objective or DEFAULT_OBJECTIVE for study in studies}
    oracles = tuple(
        f"{s.method} on {s.held_out}" for s in Selections(run).current() if s.origin == "oracle"
    )
    present = {(item.selection.shown_as, item.record.key) for item in shown}
    missing = [
        {"method": s.shown_as, "held_out": k.held_out, "fold": k.fold, "seed": k.seed, "reason": ""}
        for s in Selections(run).current()
        for k in s.cells()
        if (s.shown_as, k) not in present
    ]
    return {
        "run": run.name,
        "classes": identity["classes"],
        "domains": identity["domains"],
        "folds": identity["folds"],
        "synthetic": identity["synthetic"],
        "generators": identity.get("generators", []),
        "allowed": identity.get("allowed", []),
        "adapting": sorted({s.selection.shown_as for s in shown if _adapts(s.selection)}),
        "data_fingerprint": identity["data_fingerprint"],
        "split_digest": identity["split"],
        "network": identity["network"],
        "image_size": int(identity["view"].partition("px")[0]),
        "epochs": identity["epochs"],
        "seeds": sorted({item.record.key.seed for item in shown}),
        "versions": versions_of(item.record for item in shown),
        "determinism": determinism_of(item.record for item in shown),
        "openings": openings,
        "selection_rule": selection_rule(objectives, oracle=oracles),
        "objectives": objectives,
        "spaces": {s.folder.name: dict(s.space) for s in studies if "dimensions" in s.space},
        "configurations": {s.record.key.config: s.record.config.flat() for s in shown},
        "oracle": bool(oracles),
        "failed_cells": missing,
    }


def as_parquet(frame: pd.DataFrame) -> bytes:
    """The file of a table."""
    return bytes(frame.to_parquet(index=False))


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    unfinished.replace(path)
