"""Studies and scores as the command line prints them, in words and in JSON."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from wbcray.cli.console import print_table
from wbcray.metrics.scores import score_all
from wbcray.search.space import DEFAULT_OBJECTIVE
from wbcray.store.cell import CellKey
from wbcray.store.cells import CellStore

if TYPE_CHECKING:
    from wbcray.explorer.reading.tables import RunTables
    from wbcray.explorer.wording import TextTable
    from wbcray.store.place import Place
    from wbcray.store.studies import StudyStore
    from wbcray.store.study_contents import StudyContents


def told_of(run: "Place", study: "StudyStore", contents: "StudyContents") -> dict[str, Any]:
    """How the trials of a study ended, and the best of them; `contents` are the study's."""
    return _states_of(study, contents) | {"best": _best_of(run, study, contents)}


def _states_of(study: "StudyStore", contents: "StudyContents") -> dict[str, Any]:
    """The contract's counts of a study: planned, complete, pruned, failed, running."""
    states = Counter(trial.state for trial in contents.told().values())
    return {
        "method": study.method,
        "held_out": study.held_out,
        "objective": study.objective or DEFAULT_OBJECTIVE,
        "planned": study.planned(),
        "complete": states["COMPLETE"],
        "pruned": states["PRUNED"],
        "failed": states["FAILED"] + states["INFEASIBLE"],
        "running": len(contents.running()),
    }


def failures_of(run: "Place") -> list[str]:
    """One sentence per trial that failed, with its reason."""
    from wbcray.store.studies import studies_of

    return [
        f"{study.method} without {study.held_out}: trial {told.number} {told.state.lower()}: "
        f"{told.error.splitlines()[0] if told.error else 'no reason given'}"
        for study in studies_of(run)
        for told in study.told().values()
        if told.state in ("FAILED", "INFEASIBLE")
    ]


def _best_of(run: "Place", study: "StudyStore", contents: "StudyContents") -> dict[str, Any] | None:
    """The best complete trial: parameters, and mean and standard deviation over folds."""
    best = contents.best()
    if best is None:
        return None
    asked, told = best
    cells = CellStore(run)
    scores = []
    for fold in range(len(told.values)):
        key = CellKey(config=asked.config.digest, held_out=study.held_out, fold=fold, seed=0)
        record = cells.find(key)
        if record is not None:
            scores.append(score_all(record.counts))
    return {"trial": asked.number, "params": dict(asked.params), "val": mean_and_std(scores)}


def mean_and_std(scores: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation (ddof 1) of each score over folds."""
    names = scores[0] if scores else ()
    return {
        name: {
            "mean": float(np.mean([fold[name] for fold in scores])),
            "std": float(np.std([fold[name] for fold in scores], ddof=1))
            if len(scores) > 1
            else float("nan"),
        }
        for name in names
    }


def show_studies(studies: list[dict[str, Any]]) -> None:
    """Studies as tables: how the trials ended, and the best of them."""
    counts = ("planned", "complete", "pruned", "failed", "running")
    rows = [
        (s["method"], s["held_out"], *(str(s[name]) for name in counts), *_best_cells(s))
        for s in studies
    ]
    header = ("method", "held out", *counts, "val F1-macro", "val F1-micro")
    best = " or ".join(sorted({str(s["objective"]) for s in studies})) or DEFAULT_OBJECTIVE
    note = f"mean ± standard deviation over folds of the complete trial with the best {best}"
    print_table("studies", header, rows, note=note)
    for study in studies:
        if study.get("best"):
            values = [(name, _shown(value)) for name, value in study["best"]["params"].items()]
            title = (
                f"best of {study['method']} without {study['held_out']}: "
                f"trial {study['best']['trial']}"
            )
            print_table(title, ("parameter", "value"), values)


def _best_cells(study: dict[str, Any]) -> tuple[str, str]:
    best = study.get("best")
    if not best:
        return "-", "-"
    scores = best["val"]
    if not scores:  # its cells are not readable
        return "-", "-"
    return plus_minus(scores["macro_f1"]), plus_minus(scores["micro_f1"])


def cell_scores(tables: "RunTables") -> list[dict[str, Any]]:
    """The contract's list of cells, each with its scores on validation and on the unseen domain."""
    from wbcray.explorer.reading.selection import selected_counts
    from wbcray.explorer.reading.tables import CELL, UNSEEN, VALIDATION

    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for split, name in ((VALIDATION, "val"), (UNSEEN, "test")):
        part = selected_counts(tables, split)
        for row, counts in zip(part.cells[CELL].to_dict("records"), part.counts, strict=True):
            key = tuple(row.values())
            cell = {str(column): value for column, value in row.items()}
            found.setdefault(key, {**cell, "val": None, "test": None})[name] = score_all(counts)
    return [found[key] for key in sorted(found)]


def class_table(tables: "RunTables", split: str, *, held_out: str) -> "TextTable":
    """F1 per class, rarest first: one row a class with its support, one column a method."""
    from wbcray.explorer.numbers.classes import ABSENT, TOO_FEW, per_class
    from wbcray.explorer.wording import ORACLE_NOTE, TextTable, notes, number, openings_note

    rows = per_class(tables, split, held_out=held_out)
    methods = list(dict.fromkeys(rows["method"]))
    shown: dict[str, dict[str, str]] = {}
    for row in rows.to_dict("records"):
        images = int(row["images"])
        cells = shown.setdefault(str(row["class"]), {"support": str(images)})
        text = "absent" if row["state"] == ABSENT else number(float(row["f1"]))
        cells[str(row["method"])] = f"({text})" if row["state"] == TOO_FEW else text
    return TextTable(
        title=f"F1 per class on the unseen domain {held_out}, rarest first",
        header=("class", "support", *methods),
        rows=tuple(
            (name, cells["support"], *(cells.get(method, "-") for method in methods))
            for name, cells in shown.items()
        ),
        note=notes(
            "counts pooled over folds; (in brackets): too few images to mean anything",
            ORACLE_NOTE if tables.oracle & set(methods) else "",
            openings_note(tables.facts.openings),
        ),
    )


def plus_minus(score: dict[str, float]) -> str:
    """`0.66 ± 0.05`."""
    return f"{score['mean']:.2f} ± {score['std']:.2f}"


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
