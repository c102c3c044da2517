"""Panels about methods: what was run, which differences are real, what is lost away from home."""

import pandas as pd

from wbcray.explorer.coverage import coverage
from wbcray.explorer.figures import coverage_figure, forest_figure, shift_figure
from wbcray.explorer.panel import Panel, Variant, grid_size
from wbcray.explorer.style import looks
from wbcray.explorer.tables import UNSEEN, VALIDATION, RunTables

Boards = dict[str, pd.DataFrame]
"""The leaderboard of each split."""


def coverage_panel(tables: RunTables) -> Panel:
    """What ran, failed or is missing."""
    grid = coverage(tables)
    variants = []
    if not grid.empty:
        variants = [Variant(label="cells", figure=coverage_figure(grid), numbers=grid)]
    return Panel(
        anchor="coverage",
        short="Coverage",
        question="What ran, what failed, what is missing?",
        how_to_read="One square per method, held-out domain and fold; the text counts recorded "
        "over planned seeds. Comparisons use the folds that both methods have.",
        n=grid_size(tables),
        variants=tuple(variants),
    )


def forest_panel(tables: RunTables, boards: Boards, *, reference: str) -> Panel:
    """The differences to the reference, on unseen domains and on validation."""
    look = looks(tables.methods, reference=reference)
    variants = tuple(
        Variant(
            label={UNSEEN: "unseen domain", VALIDATION: "source validation"}[split],
            figure=forest_figure(board, look, reference=reference),
            numbers=board,
        )
        for split, board in boards.items()
        if board["difference"].notna().any()
    )
    return Panel(
        anchor="differences",
        short="Differences",
        question=f"Which differences to {reference} are real?",
        how_to_read="Marks right of zero are above the reference. The bar is the 95 % interval of "
        "the mean paired difference in macro F1 over folds, widened for their shared training "
        "images (Nadeau & Bengio 2003). The word is the verdict after Holm's correction for all "
        "methods of a domain, so a bar that just misses zero can still be a tie. A tie means that "
        "these folds do not separate the two, not that they are equal. Without a verdict no bar is "
        "drawn.",
        n=grid_size(tables),
        variants=tuple(variants),
    )


def shift_panel(tables: RunTables, boards: Boards, *, reference: str) -> Panel:
    """Macro F1 at home against macro F1 on the unseen domain."""
    home, away = boards[VALIDATION], boards[UNSEEN]
    variants = []
    if not away.empty:
        look = looks(tables.methods, reference=reference)
        numbers = pd.concat([home.assign(split=VALIDATION), away.assign(split=UNSEEN)])
        columns = ["held_out", "method", "split", "macro_mean", "macro_std", "folds", "seeds"]
        numbers = numbers[columns].sort_values(columns[:3])
        figure = shift_figure(home, away, look)
        variants = [Variant(label="slopes", figure=figure, numbers=numbers)]
    return Panel(
        anchor="shift",
        short="Domain shift",
        question="What is lost on the way to an unseen domain?",
        how_to_read="Left: macro F1 on validation images of the training domains. Right: the same "
        "networks on the domain they never saw. Bars are standard deviations over folds. Averages "
        "run over the classes that occur in each place, which need not be the same.",
        n=grid_size(tables),
        variants=tuple(variants),
    )
