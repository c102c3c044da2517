"""Which differences to the reference are real?"""

from functools import partial

import pandas as pd

from wbcray.explorer.choice import Choice
from wbcray.explorer.figures import forest_figure
from wbcray.explorer.leaderboard import leaderboard
from wbcray.explorer.style import Look, looks
from wbcray.explorer.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import SPLITS, Drawn, Panel, Variant, View, grid_size

_PLACES = {UNSEEN: "unseen domain", VALIDATION: "source validation"}


def _panel(tables: RunTables, choice: Choice) -> Panel:
    look = looks(tables.methods, reference=choice.reference)
    boards = {s: leaderboard(tables, s, reference=choice.reference) for s in SPLITS}
    return Panel(
        question=f"Which differences to {choice.reference} are real?",
        how_to_read="Marks right of zero are above the reference. The bar is the 95 % interval of "
        "the mean paired difference in macro F1 over folds, widened for their shared training "
        "images (Nadeau & Bengio 2003). The word is the verdict after Holm's correction for all "
        "methods of a domain, so a bar that just misses zero can still be a tie. A tie means that "
        "these folds do not separate the two, not that they are equal. Without a verdict no bar is "
        "drawn.",
        n=grid_size(tables),
        variants=tuple(
            Variant(label=_PLACES[split], draw=partial(_drawn, board, look, choice))
            for split, board in boards.items()
            if board["difference"].notna().any()
        ),
        lacking=f"Nothing to compare with {choice.reference} yet: `wbcray compare` trains the "
        "cells and opens their held-out counts.",
    )


def _drawn(board: pd.DataFrame, look: dict[str, Look], choice: Choice) -> Drawn:
    return Drawn(figure=forest_figure(board, look, reference=choice.reference), numbers=board)


DIFFERENCES = View(anchor="differences", short="Differences", build=_panel)
