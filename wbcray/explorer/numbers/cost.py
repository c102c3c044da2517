"""What each method cost, and whether another one was better for less."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wbcray.explorer.numbers.budget import HOUR
from wbcray.explorer.reading.selection import fold_scores, selected_cells
from wbcray.explorer.reading.tables import RunTables


def costs(tables: RunTables, split: str, *, held_out: str, score: str) -> pd.DataFrame:
    """One row per method with scores on `split`, cheapest first.

    Columns: `method`, `mean` and `std` (of `score`, over folds), `folds`, `training_hours` (one
    training of the selected configuration: mean wall time of its cells), `search_hours` (wall time
    of all trials of its search, those that were stopped too; NaN without a search).
    """
    scores = fold_scores(tables, split)
    scores = scores[scores["held_out"] == held_out]
    found = scores.groupby("method")[score].agg(mean="mean", std="std", folds="size")
    cells = selected_cells(tables)
    cells = cells[cells["held_out"] == held_out]
    found["training_hours"] = cells.groupby("method")["seconds"].mean() / HOUR
    trials = tables.trials[tables.trials["held_out"] == held_out]
    spent = trials.groupby("method")["seconds"].sum() / HOUR
    found["search_hours"] = spent.reindex(found.index).astype(float)
    return found.reset_index().sort_values("training_hours", ignore_index=True)


def pareto(hours: Sequence[float], scores: Sequence[float]) -> list[int]:
    """Places that no other one beats: none costs no more and scores higher; cheapest first."""
    cost, gain = np.asarray(hours, dtype=float), np.asarray(scores, dtype=float)
    kept: list[int] = []
    best = -np.inf
    for place in np.lexsort((-gain, cost)):
        if np.isfinite(cost[place]) and gain[place] > best:
            kept.append(int(place))
            best = float(gain[place])
    return kept
