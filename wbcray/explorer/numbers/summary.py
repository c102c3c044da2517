"""One row per method over all held-out domains: at home, away, and the difference between."""

from collections import Counter

import pandas as pd

from wbcray.explorer.numbers.leaderboard import ORACLE, REFERENCE, across_domains, leaderboard
from wbcray.explorer.reading.tables import DEFAULT_REFERENCE, UNSEEN, VALIDATION, RunTables
from wbcray.explorer.wording import (
    ADAPTING_MARK,
    ADAPTING_NOTE,
    MISSING,
    ORACLE_NOTE,
    TextTable,
    interval,
    many,
    notes,
    openings_note,
    plus_minus,
    signed,
)

VERDICTS = ("better", "tie", "worse", "cannot tell")


def summary(tables: RunTables, *, reference: str = DEFAULT_REFERENCE) -> TextTable:
    """Macro F1 of every method on validation and unseen images, the best unseen first.

    Every held-out domain counts once. Differences are on the unseen domains; their verdicts are
    those of the domains' own leaderboards.
    """
    home, away = (leaderboard(tables, split, reference=reference) for split in (VALIDATION, UNSEEN))
    over = across_domains(away).set_index("method")
    order = [*over.index, *sorted(set(home["method"]) - set(over.index))]
    rows = []
    for method in order:
        mark = f" {ADAPTING_MARK}" if method in tables.facts.adapting else ""
        found = over.loc[method] if method in over.index else None
        rows.append(
            (
                f"{method}{mark}",
                _mean(home, method),
                _mean(away, method),
                MISSING if found is None else signed(float(found["difference"])),
                MISSING
                if found is None
                else interval(float(found["lowest"]), float(found["highest"])),
                _verdicts(away, method),
            )
        )
    note = (
        "mean over domains ± mean of their standard deviations over folds; the difference to "
        f"{reference} and its lowest and highest over the domains; verdicts of the domains"
    )
    return TextTable(
        title=f"macro F1 over {many(away['held_out'].nunique(), 'held-out domain')}",
        header=("method", "validation", "unseen", "difference", "by domain", "verdicts"),
        rows=tuple(rows),
        note=notes(
            note,
            ADAPTING_NOTE if tables.facts.adapting else "",
            ORACLE_NOTE if tables.oracle else "",
            openings_note(tables.facts.openings),
        ),
    )


def _mean(board: pd.DataFrame, method: str) -> str:
    block = board[board["method"] == method]
    return plus_minus(float(block["macro_mean"].mean()), float(block["macro_std"].mean()))


def _verdicts(board: pd.DataFrame, method: str) -> str:
    """`1 better, 2 tie`, in a fixed order."""
    given = board.loc[board["method"] == method, "verdict"]
    if set(given) == {ORACLE}:
        return ORACLE
    kinds = Counter(text.partition(" (")[0] for text in given)
    if set(kinds) <= {REFERENCE}:
        return REFERENCE if kinds else MISSING
    return ", ".join(f"{kinds[kind]} {kind}" for kind in VERDICTS if kinds[kind])
