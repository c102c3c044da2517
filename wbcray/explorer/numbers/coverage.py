"""What was run, what failed, what is missing, and what nothing can be said about."""

import pandas as pd

from wbcray.explorer.numbers.classes import FEWEST_IMAGES, images_of_classes
from wbcray.explorer.reading.selection import selected_cells
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.wording import many
from wbcray.metrics.comparison import FOLDS_FOR_VERDICT

COMPLETE = "complete"
PARTIAL = "partial"
FAILED = "failed"
NOT_RUN = "not run"
STATES = (NOT_RUN, FAILED, PARTIAL, COMPLETE)

DOMAINS_FOR_TEST = 5
"""Below this many held-out domains not even a sign test could reach p < 0.1."""


def coverage(tables: RunTables) -> pd.DataFrame:
    """One row per method, held-out domain and fold: how many of its seeds are recorded.

    Columns: `method`, `held_out`, `fold`, `recorded`, `opened`, `failed` (cells), `planned`
    (seeds), `state` (one of `STATES`), `reasons` (of failures, each once). Only selected cells
    count as recorded.
    """
    cells, facts = selected_cells(tables), tables.facts
    place = ["method", "held_out", "fold"]
    names = [tables.judged, tables.held_out, range(facts.folds)]
    grid = pd.MultiIndex.from_product(names, names=place)
    failed = pd.DataFrame(
        [(cell.method, cell.held_out, cell.fold, cell.reason) for cell in facts.failed_cells],
        columns=[*place, "reason"],
    )
    grouped = cells.groupby(place)
    counts = {
        "recorded": grouped["seed"].nunique(),
        "opened": grouped["test_opened"].sum(),
        "failed": failed.groupby(place).size(),
    }
    found = pd.DataFrame({k: v.reindex(grid, fill_value=0).astype(int) for k, v in counts.items()})
    found["planned"] = len(facts.seeds)
    found["state"] = NOT_RUN
    found.loc[found["recorded"] > 0, "state"] = PARTIAL
    found.loc[found["recorded"] >= found["planned"], "state"] = COMPLETE
    found.loc[(found["failed"] > 0) & (found["recorded"] < found["planned"]), "state"] = FAILED
    reasons = failed[failed["reason"] != ""].groupby(place)["reason"].agg(_each_once)
    found["reasons"] = reasons.reindex(grid, fill_value="")
    return found.reset_index()


def could_not_measure(tables: RunTables) -> tuple[str, ...]:
    """What the run cannot answer, in sentences; the gravest first."""
    return (
        *_sealed(tables),
        *_missing_cells(tables),
        *_failed_cells(tables),
        *_never_seen_classes(tables),
        *_rare_classes(tables),
        *_mixed_machines(tables),
        *_few_repeats(tables),
    )


def _each_once(reasons: "pd.Series[str]") -> str:
    return "; ".join(dict.fromkeys(reasons))


def _sealed(tables: RunTables) -> list[str]:
    cells = selected_cells(tables)
    found = []
    for held_out, rows in cells.groupby("held_out"):
        opened = rows.groupby("method")["test_opened"].any()
        closed = [str(method) for method in opened.index[~opened.to_numpy(dtype=bool)]]
        if closed:
            found.append(
                f"{held_out} as unseen domain: still sealed for {', '.join(closed)}; "
                "nothing is known about these methods away from home"
            )
    return found


def _missing_cells(tables: RunTables) -> list[str]:
    grid = coverage(tables)
    found = []
    for (method, held_out), rows in grid.groupby(["method", "held_out"]):
        done = int((rows["state"] == COMPLETE).sum())
        if done < len(rows):
            found.append(
                f"{method} with {held_out} held out: {done} of {many(len(rows), 'fold')} complete; "
                "comparisons use the folds that both methods have"
            )
    return found


def _failed_cells(tables: RunTables) -> list[str]:
    return [
        f"{cell.method} with {cell.held_out} held out, fold {cell.fold}, seed {cell.seed}: failed"
        + (f" ({cell.reason})" if cell.reason else "")
        for cell in tables.facts.failed_cells
    ]


def _never_seen_classes(tables: RunTables) -> list[str]:
    images = images_of_classes(tables)
    return [
        f"{name} in {held_out}: no other domain has images of it, so no method could learn it"
        for held_out in tables.held_out
        for name in _only_in(images, held_out)
    ]


def _only_in(images: pd.DataFrame, domain: str) -> list[str]:
    """Classes with images in `domain` and certainly none elsewhere."""
    table = images.T
    elsewhere = table.drop(columns=domain).sum(axis=1, skipna=False)
    return list(table.index[(table[domain] > 0) & (elsewhere == 0)])


def _rare_classes(tables: RunTables) -> list[str]:
    images = images_of_classes(tables)
    found = []
    for domain, row in images.iterrows():
        for name, value in row.items():
            if value == 0:
                found.append(f"{name} in {domain}: no image; no score of it exists there")
            elif value < FEWEST_IMAGES:
                found.append(f"{name} in {domain}: {_chance(round(value))}")
    return found


def _chance(images: int) -> str:
    if images == 1:
        return "1 image; its F1 is 0 or 1 by chance"
    return f"{many(images, 'image')}; one of them moves its recall by {1 / images:.2f}"


def _mixed_machines(tables: RunTables) -> list[str]:
    """Cells that were not made alike: their scores may differ in the last digits for that alone."""
    mixed = [name for name, numbers in tables.facts.versions if ", " in numbers]
    if len(tables.facts.determinism) > 1:
        mixed.append(f"determinism ({', '.join(tables.facts.determinism)})")
    devices = sorted(map(str, selected_cells(tables)["device"].unique()))
    if len(devices) > 1:
        mixed.append(f"devices ({', '.join(devices)})")
    if not mixed:
        return []
    return [f"differences in the last digits: cells were trained with different {', '.join(mixed)}"]


def _few_repeats(tables: RunTables) -> list[str]:
    found = []
    folds = selected_cells(tables).groupby("held_out")["fold"].nunique()
    for held_out, number in folds.items():
        if number < FOLDS_FOR_VERDICT:
            found.append(
                f"differences with {held_out} held out: {many(int(number), 'fold')}; "
                f"no verdict below {FOLDS_FOR_VERDICT}"
            )
    domains = len(tables.held_out)
    if 0 < domains < DOMAINS_FOR_TEST:
        found.append(
            f"whether a difference holds for a new hospital: {many(domains, 'held-out domain')}; "
            "read the differences per domain, no test over domains is possible"
        )
    found.append(
        "which images a new laboratory would send: every fold judges the same unseen images; "
        "intervals cover a new choice of such images, not another kind of them"
    )
    return found
