"""Had training settled?"""

from functools import partial

from wbcray.explorer.choice import Choice
from wbcray.explorer.figures_trials import curves_figure
from wbcray.explorer.style import looks
from wbcray.explorer.tables import RunTables
from wbcray.explorer.trials import learning_curves
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size


def _panel(tables: RunTables, choice: Choice) -> Panel:
    there = set(tables.curves["held_out"])
    return Panel(
        question="Had training settled?",
        how_to_read="Macro F1 on source validation after each epoch: the mean of all folds and "
        "seeds, and their range as a band. Trainings end early when they stop improving, so later "
        "epochs rest on fewer of them.",
        n=grid_size(tables),
        variants=tuple(
            Variant(label=f"{held_out} held out", draw=partial(_drawn, tables, choice, held_out))
            for held_out in tables.held_out
            if held_out in there
        ),
        lacking="No cell is recorded yet.",
    )


def _drawn(tables: RunTables, choice: Choice, held_out: str) -> Drawn:
    rows = learning_curves(tables, held_out=held_out)
    look = looks(tables.methods, reference=choice.reference)
    return Drawn(figure=curves_figure(rows, look, held_out=held_out), numbers=rows)


CURVES = View(anchor="curves", short="Learning curves", build=_panel)
