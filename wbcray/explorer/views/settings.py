"""Which settings suit a method?"""

from functools import partial

from wbcray.explorer.choice import Choice
from wbcray.explorer.figures_trials import slices_figure
from wbcray.explorer.tables import RunTables
from wbcray.explorer.trials import COMPLETE, objective_of, trial_table, varied_parameters
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    complete = tables.trials[tables.trials["value"].notna()]
    return Panel(
        question="Which settings suit a method?",
        how_to_read="Each mark is a complete trial: the mean over folds of what was maximised "
        "against one setting. A cloud that rises to an edge asks for a wider range. Trials that "
        "were stopped early are not ranked and not shown.",
        n=many(int((tables.trials["state"] == COMPLETE).sum()), "complete trial"),
        variants=tuple(
            Variant(label=str(method), draw=partial(_drawn, tables, str(method)))
            for method, rows in complete.groupby("method")
            if varied_parameters(rows)
        ),
        lacking="No search with two complete trials yet: `wbcray tune` makes one.",
    )


def _drawn(tables: RunTables, method: str) -> Drawn:
    trials = trial_table(tables, method=method)
    objective = objective_of(tables, method=method)
    return Drawn(figure=slices_figure(trials, method=method, objective=objective), numbers=trials)


SETTINGS = View(anchor="settings", short="Settings", build=_panel)
