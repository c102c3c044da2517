"""Which settings go together?"""

from functools import partial

from wbcray.explorer.choice import Choice
from wbcray.explorer.figures_trials import parallel_figure
from wbcray.explorer.tables import RunTables
from wbcray.explorer.trials import COMPLETE, objective_of, trial_table, varied_parameters
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    complete = tables.trials[tables.trials["value"].notna()]
    return Panel(
        question="Which settings go together?",
        how_to_read="Each line is a complete trial, grey for a low and orange for a high "
        "value of what was maximised. Drag "
        "along an axis to keep only the lines through that range; drag a name to move its axis. "
        "With many settings the first by name are drawn; the numbers behind it have all.",
        n=many(int((tables.trials["state"] == COMPLETE).sum()), "complete trial"),
        variants=tuple(
            Variant(
                label=f"{method}, {held_out} held out",
                draw=partial(_drawn, tables, str(method), str(held_out)),
            )
            for (method, held_out), rows in complete.groupby(["method", "held_out"])
            if varied_parameters(rows)
        ),
        lacking="No search with two complete trials yet: `wbcray tune` makes one.",
    )


def _drawn(tables: RunTables, method: str, held_out: str) -> Drawn:
    trials = trial_table(tables, method=method)
    rows = trials[trials["held_out"] == held_out]
    objective = objective_of(tables, method=method, held_out=held_out)
    figure = parallel_figure(rows, method=method, held_out=held_out, objective=objective)
    return Drawn(figure=figure, numbers=rows)


TOGETHER = View(anchor="together", short="Settings together", build=_panel)
