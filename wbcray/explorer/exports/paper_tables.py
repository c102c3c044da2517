"""The tables of a paper: scores by domain, each comparison in full, and the classes."""

import pandas as pd

from wbcray.explorer.exports.paper_table import BEST, PLAIN, TIED, Entry, PaperTable
from wbcray.explorer.numbers.classes import ABSENT, MEASURED, per_class
from wbcray.explorer.numbers.leaderboard import format_leaderboard, leaderboard
from wbcray.explorer.numbers.watermarks import watermarks
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import measured
from wbcray.explorer.wording import (
    ADAPTING_MARK,
    ADAPTING_NOTE,
    MISSING,
    many,
    number,
    openings_note,
    plus_minus,
)
from wbcray.metrics.comparison import FOLDS_FOR_VERDICT

TITLES = {
    UNSEEN: "Scores on held-out domains, of which no image was seen in training",
    VALIDATION: "Scores on validation images of the source domains",
}
_FLATTERED = "configurations were chosen on these images, so the numbers flatter tuned methods"
_UNMARKED = f"nothing is marked: no comparison below {FOLDS_FOR_VERDICT} folds"


def paper_tables(tables: RunTables, *, reference: str) -> tuple[PaperTable, ...]:
    """Every table that the run has numbers for."""
    boards = {split: leaderboard(tables, split, reference=reference) for split in TITLES}
    there = {split: board for split, board in boards.items() if not board.empty}
    return (
        *(scores_table(tables, board, split=split) for split, board in there.items()),
        *(
            _comparison(tables, board, split=split, number=number, reference=reference)
            for split, full in there.items()
            for number, (_, board) in enumerate(full.groupby("held_out", sort=False))
        ),
        *(
            _classes(tables, split, held_out=held_out, number=number)
            for number, (split, held_out) in enumerate(measured(tables))
        ),
    )


def scores_table(tables: RunTables, board: pd.DataFrame, *, split: str) -> PaperTable:
    """Methods by held-out domains: micro and macro F1, mean ± standard deviation over folds.

    Marked are macro scores: the highest mean of a domain as `BEST`, and as `TIED` what is in its
    tie group. Micro scores are not compared, and what held-out scores chose takes no part.
    """
    domains = tuple(dict.fromkeys(map(str, board["held_out"])))
    means = board.groupby("method")["macro_mean"].mean()
    methods = sorted(
        set(map(str, board["method"])),
        key=lambda name: (name in tables.oracle, -float(means[name]), name),
    )
    found = {(str(row["held_out"]), str(row["method"])): row for _, row in board.iterrows()}
    best = {domain: _best(board[board["held_out"] == domain]) for domain in domains}
    rows = []
    for method in methods:
        entries = [Entry(text=_name(tables, method))]
        for domain in domains:
            entries += _scores(found.get((domain, method)), best=best[domain])
        if len(domains) > 1:
            entries.append(_mean(board[board["method"] == method], domains))
        rows.append(tuple(entries))
    marked = any(entry.mark for row in rows for entry in row)
    over_all = len(domains) > 1
    return PaperTable(
        name=f"scores-{split}",
        title=TITLES[split],
        groups=(("", 1), *((domain, 2) for domain in domains), *((("mean", 1),) * over_all)),
        header=("method", *("F1-micro", "F1-macro") * len(domains), *(("F1-macro",) * over_all)),
        rows=tuple(rows),
        notes=(
            *_spread(board),
            _MARKS if marked else _UNMARKED,
            *((_FLATTERED,) if split == VALIDATION else ()),
            *_common(tables),
        ),
    )


_MARKS = (
    "best macro F1 of a domain in bold; an asterisk marks what the corrected test over folds does "
    "not separate from it"
)


def _best(block: pd.DataFrame) -> str:
    """The method with the highest macro F1 among those that a verdict exists for; else empty."""
    first = block[(block["tie_group"] == 1) & (block["folds"] >= FOLDS_FOR_VERDICT)]
    if first.empty:
        return ""
    return str(
        first.sort_values(["macro_mean", "method"], ascending=[False, True])["method"].iloc[0]
    )


def _scores(row: "pd.Series[float] | None", *, best: str) -> list[Entry]:
    if row is None:
        return [Entry(text=MISSING)] * 2
    mark = PLAIN
    if int(row["tie_group"]) == 1 and int(row["folds"]) >= FOLDS_FOR_VERDICT:
        mark = BEST if str(row["method"]) == best else TIED
    return [
        Entry(text=plus_minus(float(row["micro_mean"]), float(row["micro_std"]))),
        Entry(text=plus_minus(float(row["macro_mean"]), float(row["macro_std"])), mark=mark),
    ]


def _mean(rows: pd.DataFrame, domains: tuple[str, ...]) -> Entry:
    """Each domain counts once; no test over so few domains is possible, so nothing is marked."""
    value = number(float(rows["macro_mean"].mean()))
    short = len(rows) < len(domains)
    return Entry(text=f"{value} ({len(rows)} of {len(domains)})" if short else value)


def _comparison(
    tables: RunTables, board: pd.DataFrame, *, split: str, number: int, reference: str
) -> PaperTable:
    (told,) = format_leaderboard(board, openings=tables.facts.openings, split=split)
    return PaperTable(
        name=f"comparison-{split}-{number}",
        title=f"Comparison with {reference} {told.title}",
        header=("method", "group", *told.header[2:]),
        rows=tuple(
            tuple(Entry(text=cell) for cell in (row[1], row[0], *row[2:])) for row in told.rows
        ),
        notes=tuple(dict.fromkeys((*told.note.splitlines(), *watermarks(tables.facts)))),
    )


def _classes(tables: RunTables, split: str, *, held_out: str, number: int) -> PaperTable:
    rows = per_class(tables, split, held_out=held_out)
    images = rows.groupby("class", sort=False)["images"].max()
    shown = [str(name) for name in images.index]
    f1 = {(str(r["method"]), str(r["class"])): _class_text(r) for r in rows.to_dict("records")}
    methods = sorted(set(map(str, rows["method"])), key=lambda name: (name in tables.oracle, name))
    place = f"on the unseen domain {held_out}" if split == UNSEEN else f"without {held_out}"
    return PaperTable(
        name=f"classes-{split}-{number}",
        title=f"F1 of each class {place}, the rarest class first",
        header=("method", *(f"{name} (n={int(images[name])})" for name in shown)),
        rows=tuple(
            (
                Entry(text=_name(tables, method)),
                *(Entry(text=f1.get((method, name), MISSING)) for name in shown),
            )
            for method in methods
        ),
        notes=(
            "counts pooled over folds and seeds; n counts different images",
            f"{MISSING}: no image of the class; in brackets: too few images, the score is chance",
            *_common(tables),
        ),
    )


def _class_text(row: "dict[object, object]") -> str:
    if row["state"] == ABSENT:
        return MISSING
    value = number(float(str(row["f1"])))
    return value if row["state"] == MEASURED else f"({value})"


def _name(tables: RunTables, method: str) -> str:
    return f"{method} {ADAPTING_MARK}" if method in tables.facts.adapting else method


def _spread(board: pd.DataFrame) -> tuple[str, ...]:
    low, high = int(board["folds"].min()), int(board["folds"].max())
    folds = many(high, "fold") if low == high else f"{low} to {many(high, 'fold')}"
    return (f"mean ± standard deviation over folds, n = {folds}; seeds of a fold are averaged",)


def _common(tables: RunTables) -> tuple[str, ...]:
    """What belongs under every table of scores."""
    adapting = (ADAPTING_NOTE,) if tables.facts.adapting else ()
    return (*adapting, openings_note(tables.facts.openings), *watermarks(tables.facts))
