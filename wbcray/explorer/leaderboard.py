"""Which method is best, and whether that is real: scores, differences, verdicts, tie groups."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.selection import fold_scores, selected_cells
from wbcray.explorer.tables import DEFAULT_REFERENCE, UNSEEN, RunTables
from wbcray.explorer.wording import (
    ADAPTING_MARK,
    ADAPTING_NOTE,
    MISSING,
    ORACLE_NOTE,
    TextTable,
    interval,
    notes,
    openings_note,
    p_value,
    plus_minus,
    signed,
)
from wbcray.metrics.comparison import (
    PairedDifference,
    holm,
    over_domains,
    paired_difference,
    tie_groups,
    verdict,
)

Floats = npt.NDArray[np.float64]

REFERENCE = "reference"
ORACLE = "none (oracle)"
"""What stands in place of a verdict where held-out scores chose the configuration."""
SEPARABLE = ("better", "worse")
MEANS = {
    "micro_mean": "micro_f1",
    "macro_mean": "macro_f1",
    "macro_declared_mean": "macro_f1_declared",
    "macro_union_mean": "macro_f1_union",
    "worst_class_recall_mean": "worst_class_recall",
}
COLUMNS = [
    *("held_out", "method", "folds", "seeds", "micro_mean", "micro_std", "macro_mean", "macro_std"),
    *("shared_folds", "difference", "low", "high", "p", "p_holm", "verdict", "tie_group"),
    *("macro_declared_mean", "macro_union_mean", "worst_class_recall_mean", "adapting", "oracle"),
]
ACROSS = [
    *("method", "domains", "macro_mean", "compared", "difference", "lowest", "highest", "above"),
    "oracle",
]


def leaderboard(
    tables: RunTables, split: str, *, reference: str = DEFAULT_REFERENCE
) -> pd.DataFrame:
    """One row per held-out domain and method, best macro F1 first in a domain, oracles last.

    `*_mean` and `*_std` (ddof 1) run over folds. `difference`, `low`, `high`, `p` compare macro F1
    with the reference on shared folds by the corrected test of `metrics.comparison`; `p_holm` is
    adjusted for all methods of the domain. `tie_group` counts from 1; `adapting` marks test-time
    adaptation. All comparisons are NaN and the verdict is `cannot tell (0 folds)` where the
    reference has no cells.

    `oracle` marks what held-out scores chose: it is compared with nothing, has the verdict
    `none (oracle)` and the tie group 0, and takes no part in the comparisons of others.

    The overlap that the test corrects for is that of the *training* sets, validation over training
    images, on both splits: the unseen domain's size says nothing about it. Its images are the same
    in every fold, so the interval there does not cover the choice of those images.
    """
    scores = fold_scores(tables, split)
    overlap = _overlap(tables)
    blocks = [
        _block(
            rows,
            reference=reference,
            test_over_train=overlap[held_out],
            oracle=tables.oracle,
        )
        for held_out in tables.held_out
        if not (rows := scores[scores["held_out"] == held_out]).empty
    ]
    if not blocks:
        return pd.DataFrame(columns=COLUMNS)
    board = pd.concat(blocks, ignore_index=True)
    board["adapting"] = board["method"].isin(tables.facts.adapting)
    return board[COLUMNS]


def across_domains(board: pd.DataFrame) -> pd.DataFrame:
    """One row per method: macro F1 and difference to the reference, each domain counting once.

    Columns: `method`, `domains`, `macro_mean`, and over the domains where it was `compared` with
    the reference: `difference`, `lowest`, `highest`, `above` (domains with a gain). Means over
    different domains do not compare, so `domains` belongs beside every number. `oracle` rows, whose
    configurations held-out scores chose, come last and are compared with nothing.
    """
    rows = []
    for method, block in board.groupby("method"):
        known = block[~block["verdict"].isin((REFERENCE, ORACLE))]
        mean = over_domains(dict(zip(known["held_out"], known["difference"], strict=True)))
        rows.append(
            {
                "method": method,
                "domains": len(block),
                "macro_mean": block["macro_mean"].mean(),
                "compared": mean.domains,
                "difference": mean.mean,
                "lowest": mean.low,
                "highest": mean.high,
                "above": mean.positive,
                "oracle": bool(block["oracle"].all()),
            }
        )
    frame = pd.DataFrame(rows, columns=ACROSS)
    return frame.sort_values(["oracle", "macro_mean"], ascending=[True, False], ignore_index=True)


def format_leaderboard(
    board: pd.DataFrame, *, openings: int, split: str = UNSEEN
) -> tuple[TextTable, ...]:
    """The leaderboard as plain strings, one table per held-out domain; `openings` of the run."""
    place = "on the unseen domain" if split == UNSEEN else "on validation images, holding out"
    header = ("group", "method", "F1-micro", "F1-macro", "difference", "95 % interval")
    return tuple(
        TextTable(
            title=f"{place} {held_out}",
            header=(*header, "p (Holm)", "verdict", "folds"),
            rows=tuple(_text_row(row) for row in block.to_dict("records")),
            note=_note(block, openings),
        )
        for held_out, block in board.groupby("held_out", sort=False)
    )


def _note(block: pd.DataFrame, openings: int) -> str:
    return notes(
        "mean ± standard deviation over folds; methods of one group are not separable",
        ADAPTING_NOTE if block["adapting"].any() else "",
        ORACLE_NOTE if block["oracle"].any() else "",
        openings_note(openings),
    )


def _text_row(row: Mapping[object, object]) -> tuple[str, ...]:
    value = {str(key): item for key, item in row.items()}
    number = {key: float(item) for key, item in value.items() if isinstance(item, float | int)}
    return (
        MISSING if value["oracle"] else str(value["tie_group"]),
        f"{value['method']} {ADAPTING_MARK}" if value["adapting"] else str(value["method"]),
        plus_minus(number["micro_mean"], number["micro_std"]),
        plus_minus(number["macro_mean"], number["macro_std"]),
        signed(number["difference"]),
        interval(number["low"], number["high"]),
        p_value(number["p_holm"]),
        str(value["verdict"]),
        str(value["folds"]),
    )


def _overlap(tables: RunTables) -> dict[str, float]:
    """Validation over training images by held-out domain, from the selected cells."""
    cells = selected_cells(tables)
    cells = cells[cells["n_train"] > 0]
    ratio = cells["n_validation"] / cells["n_train"]
    means = ratio.groupby(cells["held_out"]).mean()
    return {name: float(means.get(name, np.nan)) for name in tables.held_out}


def _block(
    rows: pd.DataFrame, *, reference: str, test_over_train: float, oracle: frozenset[str]
) -> pd.DataFrame:
    """The leaderboard of one held-out domain."""
    grouped = rows.groupby("method")
    board = grouped.agg(
        **{name: (score, "mean") for name, score in MEANS.items()},
        micro_std=("micro_f1", "std"),
        macro_std=("macro_f1", "std"),
        folds=("fold", "nunique"),
        seeds=("seeds", "max"),
        held_out=("held_out", "first"),
    )
    by_fold = rows.pivot_table(index="fold", columns="method", values="macro_f1", dropna=False)
    scores = {
        str(name): by_fold[name].to_numpy(dtype=np.float64)
        for name in by_fold.columns
        if name not in oracle
    }
    against = scores.get(reference, np.full(len(by_fold), np.nan))
    found = {
        name: paired_difference(values, against, test_over_train=test_over_train)
        for name, values in scores.items()
        if name != reference
    }
    compared = _comparisons(found)
    decided = {
        frozenset((str(name), reference)): word in SEPARABLE
        for name, word in compared["verdict"].items()
        if reference in scores
    }
    groups = tie_groups(scores, test_over_train=test_over_train, decided=decided)
    board["tie_group"] = pd.Series(groups, dtype=int).reindex(board.index, fill_value=0)
    board = board.join(compared)
    board.loc[board.index == reference, "verdict"] = REFERENCE
    board["oracle"] = board.index.isin(oracle)
    board.loc[board["oracle"], "verdict"] = ORACLE
    board = board.reset_index().sort_values(
        ["oracle", "macro_mean", "method"], ascending=[True, False, True], ignore_index=True
    )
    return board.astype({"shared_folds": "Int64"})


def _comparisons(found: Mapping[str, PairedDifference]) -> pd.DataFrame:
    adjusted = holm([difference.p for difference in found.values()])
    rows = {
        name: {
            "shared_folds": difference.folds,
            "difference": difference.mean,
            "low": difference.low,
            "high": difference.high,
            "p": difference.p,
            "p_holm": p,
            "verdict": verdict(difference, p_adjusted=p),
        }
        for (name, difference), p in zip(found.items(), adjusted, strict=True)
    }
    columns = ["shared_folds", "difference", "low", "high", "p", "p_holm", "verdict"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)
