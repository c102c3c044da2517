"""Which method is best, and whether that is real: scores, differences, verdicts, tie groups."""

from collections.abc import Mapping

import pandas as pd

from wbcray.explorer.choice import DEFAULT_SCORE
from wbcray.explorer.numbers.domain_board import Row, Rules, domain_board
from wbcray.explorer.numbers.noise import noise_by_domain, overlaps
from wbcray.explorer.reading.remembered import remembered
from wbcray.explorer.reading.selection import scores_by_fold, selected_counts
from wbcray.explorer.reading.tables import DEFAULT_REFERENCE, UNSEEN, RunTables
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
from wbcray.metrics.domain_mean import over_domains

REFERENCE = "reference"
SAME_IMAGES = {
    "yes": "differences: both methods on the same draws of the images that they judged",
    "no": "differences: each method on draws of its own, image by image, where it is not kept what "
    "its networks said of each",
}
"""What the column `images_paired` means, in words."""
ORACLE = "none (oracle)"
"""What stands in place of a verdict where held-out scores chose the configuration."""
COLUMNS = [
    *("held_out", "method", "folds", "seeds", "micro_mean", "micro_std", "macro_mean", "macro_std"),
    *("shared_folds", "difference", "low", "high", "p", "p_holm", "verdict", "tie_group"),
    *("macro_declared_mean", "macro_union_mean", "worst_class_recall_mean", "adapting", "oracle"),
    *("score", "score_mean", "noise_folds", "noise_images", "p_better", "p_equal", "p_worse"),
    "images_paired",
]
ACROSS = [
    *(
        "method",
        "domains",
        "macro_mean",
        "score_mean",
        "compared",
        "difference",
        "lowest",
        "highest",
        "above",
    ),
    "oracle",
]


@remembered("cells", "confusion", "facts", "folder")
def leaderboard(
    tables: RunTables,
    split: str,
    *,
    reference: str = DEFAULT_REFERENCE,
    score: str = DEFAULT_SCORE,
) -> pd.DataFrame:
    """One row per held-out domain and method, the best `score` first in a domain, oracles last.

    `*_mean` and `*_std` (ddof 1) run over folds. `score_mean` is of the chosen score of
    `metrics.scores.SCORES`; `noise_folds` is its standard deviation over folds and `noise_images`
    over the choice of images (`metrics.bootstrap`). `difference`, `low`, `high`, `p` compare it
    with the reference on `shared_folds` by the corrected test of `metrics.comparison`, on the
    unseen domain with the noise of its images; `p_holm` is adjusted for all methods of the domain.
    `images_paired` says there whether both were drawn on the same images (`yes`), which needs what
    their networks said of each, or each for itself (`no`).
    `p_better`, `p_equal`, `p_worse` are probabilities of a difference above, within and below the
    region of practical equivalence. `tie_group` counts from 1; `adapting` marks test-time
    adaptation. All comparisons are NaN and the verdict is `cannot tell (0 folds)` where the
    reference has no cells.

    `oracle` marks what held-out scores chose: it is compared with nothing, has the verdict
    `none (oracle)` and the tie group 0, and takes no part in the comparisons of others.
    """
    selected = selected_counts(tables, split)
    scores = scores_by_fold(selected)
    overlap = overlaps(selected, split)
    noise = noise_by_domain(tables, selected, split, score)
    rows: list[Row] = []
    for held_out in tables.facts.domains:
        there = scores[scores["held_out"] == held_out]
        if there.empty:
            continue
        rules = Rules(
            reference=reference,
            score=score,
            overlap=overlap[held_out],
            noise=noise[held_out],
            images_shared=split == UNSEEN,
            oracle=tables.oracle,
        )
        rows += domain_board(there, rules)
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    board = pd.DataFrame(rows).astype({"shared_folds": "Int64"})
    board["adapting"] = board["method"].isin(tables.facts.adapting)
    board.loc[board["method"] == reference, "verdict"] = REFERENCE
    board.loc[board["oracle"], "verdict"] = ORACLE
    return board[COLUMNS]


def across_domains(board: pd.DataFrame) -> pd.DataFrame:
    """One row per method: scores and difference to the reference, each domain counting once.

    Columns: `method`, `domains`, `macro_mean`, `score_mean`, and over the domains where it was
    `compared` with the reference: `difference`, `lowest`, `highest`, `above` (domains with a gain).
    Means over different domains do not compare, so `domains` belongs beside every number. `oracle`
    rows, whose configurations held-out scores chose, come last and are compared with nothing.
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
                "score_mean": block["score_mean"].mean(),
                "compared": mean.domains,
                "difference": mean.mean,
                "lowest": mean.low,
                "highest": mean.high,
                "above": mean.positive,
                "oracle": bool(block["oracle"].all()),
            }
        )
    frame = pd.DataFrame(rows, columns=ACROSS)
    return frame.sort_values(["oracle", "score_mean"], ascending=[True, False], ignore_index=True)


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
        *(
            SAME_IMAGES[paired]
            for paired in SAME_IMAGES
            if (block["images_paired"] == paired).any()
        ),
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
