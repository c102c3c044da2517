"""Panels about the search: learning curves and hyper-parameters."""

from wbcray.explorer.figures_trials import curves_figure, parallel_figure, slices_figure
from wbcray.explorer.panel import Panel, Variant, grid_size
from wbcray.explorer.style import looks
from wbcray.explorer.tables import RunTables
from wbcray.explorer.trials import (
    COMPLETE,
    learning_curves,
    objective_of,
    trial_table,
    varied_parameters,
)
from wbcray.explorer.wording import many


def curves_panel(tables: RunTables, *, reference: str) -> Panel:
    """Learning curves, by held-out domain."""
    look = looks(tables.methods, reference=reference)
    variants = []
    for held_out in tables.held_out:
        rows = learning_curves(tables, held_out=held_out)
        if not rows.empty:
            figure = curves_figure(rows, look, held_out=held_out)
            label = f"{held_out} held out"
            variants.append(Variant(label=label, figure=figure, numbers=rows))
    return Panel(
        anchor="curves",
        short="Learning curves",
        question="Had training settled?",
        how_to_read="Macro F1 on source validation after each epoch: the mean of all folds and "
        "seeds, and their range as a band. Trainings end early when they stop improving, so later "
        "epochs rest on fewer of them.",
        n=grid_size(tables),
        variants=tuple(variants),
    )


def slices_panel(tables: RunTables) -> Panel:
    """Score against each hyper-parameter, by method."""
    variants = []
    for method in tables.methods:
        trials = trial_table(tables, method=method)
        if varied_parameters(trials[trials["value"].notna()]):
            objective = objective_of(tables, method=method)
            figure = slices_figure(trials, method=method, objective=objective)
            variants.append(Variant(label=method, figure=figure, numbers=trials))
    return Panel(
        anchor="settings",
        short="Settings",
        question="Which settings suit a method?",
        how_to_read="Each mark is a complete trial: the mean over folds of what was maximised "
        "against one setting. A cloud that rises to an edge asks for a wider range. Trials that "
        "were stopped early are not ranked and not shown.",
        n=many(int((tables.trials["state"] == COMPLETE).sum()), "complete trial"),
        variants=tuple(variants),
    )


def parallel_panel(tables: RunTables) -> Panel:
    """All hyper-parameters together, by method and held-out domain."""
    variants = []
    for method in tables.methods:
        trials = trial_table(tables, method=method)
        for held_out in tables.held_out:
            rows = trials[trials["held_out"] == held_out]
            if varied_parameters(rows[rows["value"].notna()]):
                objective = objective_of(tables, method=method, held_out=held_out)
                figure = parallel_figure(
                    rows, method=method, held_out=held_out, objective=objective
                )
                label = f"{method}, {held_out} held out"
                variants.append(Variant(label=label, figure=figure, numbers=rows))
    return Panel(
        anchor="together",
        short="Settings together",
        question="Which settings go together?",
        how_to_read="Each line is a complete trial, grey for a low and orange for a high "
        "value of what was maximised. Drag "
        "along an axis to keep only the lines through that range; drag a name to move its axis. "
        "With many settings the first by name are drawn; the numbers behind it have all.",
        n=many(int((tables.trials["state"] == COMPLETE).sum()), "complete trial"),
        variants=tuple(variants),
    )
