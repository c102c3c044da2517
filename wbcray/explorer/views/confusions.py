"""What does one method trade against another?"""

from functools import partial

import pandas as pd

from wbcray.explorer.choice import Choice
from wbcray.explorer.classes import ConfusionPair, confusion_pair
from wbcray.explorer.figures_classes import confusion_figure
from wbcray.explorer.leaderboard import ORACLE, REFERENCE, leaderboard
from wbcray.explorer.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, measured, place_name


def _panel(tables: RunTables, choice: Choice) -> Panel:
    variants = []
    for split, held_out in measured(tables):
        rival = _rival(tables, choice, split, held_out)
        if rival:
            draw = partial(_drawn, tables, split, held_out, choice.reference, rival)
            variants.append(Variant(label=place_name(split, held_out), draw=draw))
    return Panel(
        question=f"What does {choice.rival or 'the best method'} trade against {choice.reference}?",
        how_to_read="Left and middle: of the images of a true class (row), the percentage given "
        "each predicted class (column); shares under 0.5 % are left blank. Right: the difference "
        "in percentage points, orange for more and violet for less. On the diagonal more is "
        "better, off it less is.",
        n="counts pooled over folds and seeds",
        variants=tuple(variants),
        lacking=f"There are not two methods to compare: `wbcray compare --methods "
        f"{choice.reference},...` trains them.",
    )


def _rival(tables: RunTables, choice: Choice, split: str, held_out: str) -> str:
    """The other method: the chosen one, else the best that is not the reference."""
    board = leaderboard(tables, split, reference=choice.reference)
    block = board[board["held_out"] == held_out]
    rivals = list(block["method"][~block["verdict"].isin((REFERENCE, ORACLE))])
    if REFERENCE not in set(block["verdict"]) or not rivals:
        return ""
    return choice.rival if choice.rival in rivals else str(rivals[0])


def _drawn(tables: RunTables, split: str, held_out: str, first: str, second: str) -> Drawn:
    pair = confusion_pair(tables, split, held_out=held_out, first=first, second=second)
    figure = confusion_figure(pair, place=place_name(split, held_out))
    return Drawn(figure=figure, numbers=_numbers(pair))


def _numbers(pair: ConfusionPair) -> pd.DataFrame:
    names = pd.MultiIndex.from_product([pair.classes, pair.classes], names=["true", "predicted"])
    frame = pd.DataFrame(
        {
            f"{pair.first_name}: images": pair.counts_first.ravel(),
            f"{pair.first_name}: share": pair.first.ravel(),
            f"{pair.second_name}: images": pair.counts_second.ravel(),
            f"{pair.second_name}: share": pair.second.ravel(),
            "difference": pair.difference.ravel(),
        },
        index=names,
    )
    return frame.reset_index()


CONFUSIONS = View(anchor="confusions", short="Confusions", build=_panel)
