"""Differences to the reference averaged over held-out domains, with a bootstrap interval."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.numbers.noise import noise_by_domain, overlaps
from wbcray.explorer.reading.selection import scores_by_fold, selected_counts
from wbcray.explorer.reading.tables import UNSEEN, RunTables
from wbcray.metrics.bootstrap import DomainDifferences, across_domains_interval

Floats = npt.NDArray[np.float64]

COLUMNS = ["method", "domains", "difference", "low", "high", "above", "score"]


def across_intervals(tables: RunTables, split: str, *, reference: str, score: str) -> pd.DataFrame:
    """One row per method but the reference, the highest mean difference first; no oracles.

    `difference` is the mean over the `domains` where both were measured, each counting once, `low`
    and `high` its interval by `metrics.bootstrap.across_domains_interval` (NaN for one domain),
    `above` the number of domains with a gain.
    """
    found = selected_counts(tables, split)
    rows = scores_by_fold(found)
    overlap = overlaps(found, split)
    # folds that judge images of their own show the noise of images in their spread
    noise = noise_by_domain(tables, found, split, score) if split == UNSEEN else {}
    result = []
    for method in sorted(set(rows["method"]) - {reference} - tables.oracle):
        known = [
            DomainDifferences(
                folds=differences,
                overlap=overlap[held_out],
                images=noise[held_out].draws_of_difference(method, reference)
                if noise
                else np.array([]),
            )
            for held_out in tables.held_out
            if (differences := _differences(rows, held_out, method, reference, score)).size
        ]
        if known:
            means = [float(one.folds.mean()) for one in known]
            low, high = across_domains_interval(known)
            above = sum(mean > 0 for mean in means)
            mean = sum(means) / len(means)
            result.append((method, len(known), mean, low, high, above, score))
    frame = pd.DataFrame(result, columns=COLUMNS)
    return frame.sort_values("difference", ascending=False, ignore_index=True)


def _differences(
    rows: pd.DataFrame, held_out: str, method: str, reference: str, score: str
) -> Floats:
    there = rows[rows["held_out"] == held_out].set_index("fold")
    both = [there.loc[there["method"] == name, score] for name in (method, reference)]
    return np.asarray((both[0] - both[1]).dropna(), dtype=np.float64)
