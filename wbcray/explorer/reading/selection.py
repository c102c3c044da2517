"""Which recorded cells stand for a method, their counts, and their scores per fold.

A method may have been trained with several configurations on one held-out domain (the winner of a
search, defaults, an older comparison). One of them is shown: the one with most folds, and among
those the one with the best validation macro F1.
Nothing of the held-out domain takes part in that choice.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wbcray.core.result import Counts
from wbcray.explorer.reading.remembered import remembered
from wbcray.explorer.reading.tables import CELL, VALIDATION, RunTables
from wbcray.metrics.score_arrays import score_many
from wbcray.metrics.scores import SCORES, macro_f1

_READ = ("cells", "confusion", "facts")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountedCells:
    """Cells and their counts.

    Attributes:
        cells: One row per cell, with the columns of `RunTables.cells`.
        counts: int64 [cells, domain, true, predicted].
    """

    cells: pd.DataFrame
    counts: Counts

    def where(self, *, method: str, held_out: str) -> "CountedCells":
        """The cells of one method on one held-out domain."""
        chosen = (self.cells["method"] == method) & (self.cells["held_out"] == held_out)
        places = np.flatnonzero(chosen.to_numpy())
        return CountedCells(cells=self.cells.iloc[places], counts=self.counts[places])


def counted(tables: RunTables, split: str, cells: pd.DataFrame) -> CountedCells:
    """The counts of `cells` on one split; cells without counts there are left out."""
    facts = tables.facts
    numbered = cells[[*CELL, "config"]].assign(cell=range(len(cells)))
    rows = tables.confusion[tables.confusion["split"] == split].merge(numbered)
    classes = {name: number for number, name in enumerate(facts.classes)}
    domains = {name: number for number, name in enumerate(facts.domains)}
    shape = (len(cells), len(domains), len(classes), len(classes))
    counts = np.zeros(shape, dtype=np.int64)
    place = (
        rows["cell"].to_numpy(dtype=np.int64),
        rows["domain"].map(domains).to_numpy(dtype=np.int64),
        rows["true"].map(classes).to_numpy(dtype=np.int64),
        rows["predicted"].map(classes).to_numpy(dtype=np.int64),
    )
    np.add.at(counts, place, rows["count"].to_numpy(dtype=np.int64))
    filled = np.flatnonzero(counts.any(axis=(1, 2, 3)))
    return CountedCells(cells=cells.iloc[filled].reset_index(drop=True), counts=counts[filled])


@remembered(*_READ)
def selected_cells(tables: RunTables) -> pd.DataFrame:
    """The cells that stand for their method: one configuration per method and held-out domain."""
    # a cell may be recorded by a search and reused by a comparison: show it once
    cells = tables.cells.drop_duplicates([*CELL, "config"])
    grouped = cells.groupby(["method", "held_out", "config"], as_index=False)
    configs = grouped.agg(folds=("fold", "nunique"))
    configs["value"] = _validation_values(tables, cells, configs)
    best = configs.sort_values(
        ["folds", "value", "config"],
        ascending=[False, False, True],
        na_position="last",
    ).drop_duplicates(["method", "held_out"])
    chosen = cells.merge(best[["method", "held_out", "config"]])
    return chosen.sort_values([*CELL], ignore_index=True)


@remembered(*_READ)
def selected_counts(tables: RunTables, split: str) -> CountedCells:
    """The counts of the selected cells on one split."""
    return counted(tables, split, selected_cells(tables))


def fold_scores(tables: RunTables, split: str) -> pd.DataFrame:
    """Scores of the selected cells: one row per method, held-out domain and fold.

    Seeds of a fold are averaged, because they share their images and are no independent evidence.
    Validation scores pool the source domains. Columns: `method`, `held_out`, `fold`, `seeds`, and
    one per score of `SCORES`.
    """
    return scores_by_fold(selected_counts(tables, split))


def scores_by_fold(found: CountedCells) -> pd.DataFrame:
    """Like `fold_scores`, of cells whose counts are known already."""
    scores = pd.DataFrame({name: score_many(name, found.counts) for name in SCORES})
    rows = pd.concat([found.cells[CELL], scores], axis=1)
    grouped = rows.groupby(["method", "held_out", "fold"])
    means = grouped[list(SCORES)].mean()
    means.insert(0, "seeds", grouped["seed"].nunique())
    return means.reset_index()


def _validation_values(
    tables: RunTables, cells: pd.DataFrame, configs: pd.DataFrame
) -> "pd.Series[float]":
    """The validation macro F1 of each configuration; NaN where there is nothing to choose."""
    rivals = configs[configs.duplicated(["method", "held_out"], keep=False)]
    if rivals.empty:
        return pd.Series(np.nan, index=configs.index)
    found = counted(tables, VALIDATION, cells.merge(rivals[["method", "held_out", "config"]]))
    values = [macro_f1(counts) for counts in found.counts]
    by_config = found.cells.assign(value=values).groupby(["method", "held_out", "config"])
    means = by_config["value"].mean()
    keys = pd.MultiIndex.from_frame(configs[["method", "held_out", "config"]])
    return pd.Series(means.reindex(keys).to_numpy(), index=configs.index)
