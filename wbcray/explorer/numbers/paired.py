"""Methods side by side in every block: scores, differences, wins, ties and losses."""

import numpy as np
import pandas as pd

from wbcray.explorer.reading.selection import scores_by_fold, selected_counts
from wbcray.explorer.reading.tables import RunTables
from wbcray.metrics.comparison import NO_SPREAD
from wbcray.metrics.practical_equivalence import ROPE
from wbcray.metrics.ranks import signed_ranks


def paired_blocks(
    tables: RunTables, split: str, *, held_out: str, reference: str, score: str
) -> pd.DataFrame:
    """One row per method and fold that the reference has too; oracles are left out.

    Columns: `held_out`, `fold`, `method`, `score`, `reference` (its score there), `difference`,
    `outcome` (`win`, `tie` within the region of practical equivalence, `loss`; empty for the
    reference itself).
    """
    rows = scores_by_fold(selected_counts(tables, split))
    rows = rows[(rows["held_out"] == held_out) & ~rows["method"].isin(tables.oracle)]
    against = rows[rows["method"] == reference].set_index("fold")[score]
    found = rows[["held_out", "fold", "method"]].assign(
        score=rows[score], reference=rows["fold"].map(against)
    )
    found = found[found["reference"].notna()]
    found["difference"] = found["score"] - found["reference"]
    edge = ROPE + NO_SPREAD  # a hundredth is equal, however it is rounded
    found["outcome"] = np.select(
        [found["method"] == reference, found["difference"] > edge, found["difference"] < -edge],
        ["", "win", "loss"],
        default="tie",
    )
    return found.reset_index(drop=True)


def outcomes(blocks: pd.DataFrame) -> pd.DataFrame:
    """One row per method but the reference: wins, ties, losses, and signed ranks for information.

    Columns: `method`, `blocks`, `wins`, `ties`, `losses`, `p_signed_ranks`, `p_smallest` (what so
    many blocks can reach at all).
    """
    rows = []
    for method, found in blocks[blocks["outcome"] != ""].groupby("method", sort=False):
        ranks = signed_ranks(found["difference"].to_numpy(dtype=np.float64))
        count = found["outcome"].value_counts()
        rows.append(
            {
                "method": method,
                "blocks": len(found),
                "wins": int(count.get("win", 0)),
                "ties": int(count.get("tie", 0)),
                "losses": int(count.get("loss", 0)),
                "p_signed_ranks": ranks.p,
                "p_smallest": ranks.possible,
            }
        )
    columns = ["method", "blocks", "wins", "ties", "losses", "p_signed_ranks", "p_smallest"]
    return pd.DataFrame(rows, columns=columns)
