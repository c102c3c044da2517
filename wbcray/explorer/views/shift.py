"""What is lost on the way to an unseen domain?"""

import pandas as pd

from wbcray.explorer.choice import Choice
from wbcray.explorer.figures import shift_figure
from wbcray.explorer.leaderboard import leaderboard
from wbcray.explorer.style import looks
from wbcray.explorer.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size

_COLUMNS = ["held_out", "method", "split", "macro_mean", "macro_std", "folds", "seeds"]


def _panel(tables: RunTables, choice: Choice) -> Panel:
    home, away = (
        leaderboard(tables, split, reference=choice.reference) for split in (VALIDATION, UNSEEN)
    )

    def drawn() -> Drawn:
        numbers = pd.concat([home.assign(split=VALIDATION), away.assign(split=UNSEEN)])
        look = looks(tables.methods, reference=choice.reference)
        return Drawn(
            figure=shift_figure(home, away, look),
            numbers=numbers[_COLUMNS].sort_values(_COLUMNS[:3]),
        )

    return Panel(
        question="What is lost on the way to an unseen domain?",
        how_to_read="Left: macro F1 on validation images of the training domains. Right: the same "
        "networks on the domain they never saw. Bars are standard deviations over folds. Averages "
        "run over the classes that occur in each place, which need not be the same.",
        n=grid_size(tables),
        variants=() if away.empty else (Variant(label="slopes", draw=drawn),),
        lacking="The held-out domains are still sealed: `wbcray compare` opens them.",
    )


SHIFT = View(anchor="shift", short="Domain shift", build=_panel)
