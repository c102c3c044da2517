"""The methods of one held-out domain side by side: means, differences, verdicts, tie groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
import pandas as pd

from wbcray.metrics.comparison import Compared, compare_with, tie_groups
from wbcray.metrics.practical_equivalence import practical

SEPARABLE = ("better", "worse")
MEANS = {
    "micro_mean": "micro_f1",
    "macro_mean": "macro_f1",
    "macro_declared_mean": "macro_f1_declared",
    "macro_union_mean": "macro_f1_union",
    "worst_class_recall_mean": "worst_class_recall",
}
COMPARISONS = [
    *("shared_folds", "difference", "low", "high", "p", "p_holm", "verdict"),
    *("p_better", "p_equal", "p_worse"),
]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """How the methods of one held-out domain are compared.

    Attributes:
        score: By name, from `metrics.scores.SCORES`.
        overlap: Of the folds, see `metrics.comparison`.
        noise: Standard deviation of each method's score over the choice of images.
        images_shared: Whether all folds judge the same images, as on the unseen domain.
        oracle: Names under which held-out scores chose; they are compared with nothing.
    """

    reference: str
    score: str
    overlap: float
    noise: Mapping[str, float]
    images_shared: bool
    oracle: frozenset[str]


def domain_board(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per method, the best first and oracles last, from its scores in each fold.

    The verdicts of reference and oracles are left empty. `rows` is of `selection.fold_scores`.
    """
    reference, oracle = rules.reference, rules.oracle
    grouped = rows.groupby("method")
    board = grouped.agg(
        **{name: (score, "mean") for name, score in MEANS.items()},
        micro_std=("micro_f1", "std"),
        macro_std=("macro_f1", "std"),
        score_mean=(rules.score, "mean"),
        noise_folds=(rules.score, "std"),
        folds=("fold", "nunique"),
        seeds=("seeds", "max"),
        held_out=("held_out", "first"),
    )
    by_fold = rows.pivot_table(index="fold", columns="method", values=rules.score, dropna=False)
    scores = {
        str(name): by_fold[name].to_numpy(dtype=np.float64)
        for name in by_fold.columns
        if name not in oracle
    }
    # folds that judge images of their own show the noise of images in their spread
    noise = rules.noise if rules.images_shared else {}
    found = compare_with(reference, scores, overlap=rules.overlap, image_noise=noise)
    decided = {
        frozenset((name, reference)): one.verdict in SEPARABLE
        for name, one in found.items()
        if reference in scores
    }
    groups = tie_groups(scores, overlap=rules.overlap, image_noise=noise, decided=decided)
    board["tie_group"] = pd.Series(groups, dtype=int).reindex(board.index, fill_value=0)
    board["score"] = rules.score
    board["noise_images"] = pd.Series(rules.noise, dtype=float).reindex(board.index)
    board = board.join(_comparisons(found))
    board["oracle"] = board.index.isin(oracle)
    board = board.reset_index().sort_values(
        ["oracle", "score_mean", "method"], ascending=[True, False, True], ignore_index=True
    )
    return board.astype({"shared_folds": "Int64"})


def _comparisons(found: Mapping[str, Compared]) -> pd.DataFrame:
    rows = {}
    for name, one in found.items():
        difference, odds = one.difference, practical(one.difference)
        rows[name] = {
            "shared_folds": difference.folds,
            "difference": difference.mean,
            "low": difference.low,
            "high": difference.high,
            "p": difference.p,
            "p_holm": one.p_holm,
            "verdict": one.verdict,
            "p_better": odds.better,
            "p_equal": odds.equal,
            "p_worse": odds.worse,
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=COMPARISONS)
