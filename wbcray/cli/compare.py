"""`wbcray compare`: the grid of cells, and the leaderboard with what is real and what is not."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say, shown_path, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wbcray.cluster.comparison import ComparisonPlan
    from wbcray.cluster.task import Task
    from wbcray.explorer.tables import RunTables
    from wbcray.store.selections import Selection

_FAILED_CELLS = 6


def compare(
    *,
    methods: Annotated[
        list[str] | None,
        typer.Option(help="Methods with commas; `poster` for the poster's five, the default."),
    ] = None,
    held_out: Annotated[
        list[str] | None, typer.Option(help="Domains to hold out; default: each in turn.")
    ] = None,
    folds: opt.Folds = None,
    epochs: opt.Epochs = None,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions of every cell.")] = 1,
    reference: Annotated[str, typer.Option(help="The method to compare with.")] = "erm",
    run: opt.RunName = "main",
    project: opt.Project = opt.DEFAULT_PROJECT,
    weights: opt.Weights = None,
    address: opt.Address = None,
    workers: opt.Workers = 1,
    cpus_per_trial: opt.Cpus = 1,
    gpus_per_trial: opt.Gpus = None,
    dry_run: opt.DryRun = False,
    json: opt.Json = False,
) -> int:
    """Train what is missing of method x held-out x fold x seed and print the leaderboard.

    A method stands with its tuned configuration where the run has a study of it, else with its
    defaults. What is recorded is not trained again.
    """
    from wbcray.core.project import load_project

    described = load_project(project)
    chosen = opt.methods_of(opt.names(methods) or ("poster",), where="--methods")
    domains = opt.domains_of(described, opt.names(held_out))
    reference = opt.reference_of(reference)
    from wbcray.cli.session import resources_of, run_folder, sitting
    from wbcray.cluster.comparison import ComparisonPlan, missing_tasks, open_selected
    from wbcray.training.settings import settings_of

    settings = settings_of(described, folds=folds, epochs=epochs, weights=weights)
    folder = run_folder(described, run)
    resources = resources_of(cpus_per_trial, gpus_per_trial, workers)
    plan = ComparisonPlan(
        run=folder,
        settings=settings,
        methods=chosen,
        held_out=domains,
        seeds=seeds,
        resources=resources,
        sources=len(described.domains) - 1,
    )
    plan.check()
    if reference not in chosen:
        warn(
            f"the reference '{reference}' is not among --methods: nothing is compared with it "
            "unless the run has it already"
        )
    if dry_run:
        _say_plan(plan, json=json)
        return 0
    with sitting(described, run, settings):
        selections = plan.select()
        tasks = missing_tasks(selections, folder, resources)
        _say_plan(plan)
        failed = _train(plan, tasks, address, gpus_per_trial) if tasks else {}
        open_selected(selections, folder)
        _finish(folder, selections, reference, json=json)
    for label, reason in failed.items():
        warn(f"failed: {label}: {reason}")
    return _FAILED_CELLS if failed else 0


def _train(
    plan: "ComparisonPlan", tasks: "Sequence[Task]", address: str | None, gpus: float | None
) -> dict[str, str]:
    """Train the missing cells; why those that failed did, by label."""
    from wbcray.cli.progress import ProgressTable
    from wbcray.cli.session import fit_to, interruptible, ray_for
    from wbcray.cluster.comparison import run_comparison

    nested = plan.resources.workers > 1
    with ray_for(plan.run, address, nested=nested) as cluster, ProgressTable() as watch:
        fitted = fit_to(cluster, plan.resources, gpus)
        interruptible()
        ready = [replace(task, gpus=fitted.gpus) for task in tasks]
        return dict(run_comparison(replace(plan, resources=fitted), ready, cluster, watch))


def _say_plan(plan: "ComparisonPlan", *, json: bool = False) -> None:
    """How much there is to train; reads records and writes nothing."""
    from wbcray.cluster.comparison import missing_tasks

    selections = plan.select()
    cells = sum(len(selection.cells()) for selection in selections)
    recorded = cells - len(missing_tasks(selections, plan.run, plan.resources))
    if json:
        print_json({"cells": cells, "recorded": recorded})
    else:
        say(f"{cells} cells, {recorded} of them recorded")


def _finish(folder: Any, selections: "Sequence[Selection]", reference: str, *, json: bool) -> None:
    from wbcray.explorer.rebuild import rebuild

    tables = rebuild(folder)
    if json:
        print_json(_as_json(folder, tables, reference))
        return
    for line in _origins(selections):
        say(line)
    show_comparison(tables, reference=reference)
    say(f"run: {folder}")
    say(f"next: wbcray report {shown_path(folder)} -o report.html")


def show_comparison(tables: "RunTables", *, reference: str) -> None:
    """The poster's two tables per held-out domain, per-class F1, and what could not be measured."""
    from wbcray.explorer.coverage import could_not_measure
    from wbcray.explorer.findings import findings
    from wbcray.explorer.leaderboard import format_leaderboard, leaderboard
    from wbcray.explorer.summary import summary
    from wbcray.explorer.tables import UNSEEN, VALIDATION

    for split in (VALIDATION, UNSEEN):
        board = leaderboard(tables, split, reference=reference)
        for table in format_leaderboard(board, split=split):
            print_table(f"F1 {table.title}", table.header, table.rows, note=table.note)
    for held_out in tables.held_out:
        _show_classes(tables, held_out)
    if len(tables.held_out) > 1:
        table = summary(tables, reference=reference)
        print_table(table.title, table.header, table.rows, note=table.note)
    for sentence in findings(leaderboard(tables, UNSEEN, reference=reference), reference=reference):
        print(sentence)
    for sentence in could_not_measure(tables):
        print(f"could not measure: {sentence}")


def _show_classes(tables: "RunTables", held_out: str) -> None:
    from wbcray.cli.results import class_table
    from wbcray.explorer.tables import UNSEEN

    table = class_table(tables, UNSEEN, held_out=held_out)
    print_table(table.title, table.header, table.rows, note=table.note)


def _origins(selections: "Sequence[Selection]") -> list[str]:
    """Says aloud when methods did not get the same search."""
    tuned = sorted({f"{s.method} on {s.held_out}" for s in selections if s.origin == "tuned"})
    default = [s for s in selections if s.origin == "default"]
    if not tuned or not default:
        return []
    names = ", ".join(tuned)
    return [
        f"note: tuned: {names}; all others have their default hyper-parameters.",
        "note: a tuned method against untuned ones is no fair comparison: tune them all alike",
    ]


def _as_json(folder: Any, tables: "RunTables", reference: str) -> dict[str, Any]:
    from wbcray.cli.results import cell_scores
    from wbcray.explorer.leaderboard import leaderboard
    from wbcray.explorer.tables import UNSEEN, VALIDATION

    boards = []
    for split in (VALIDATION, UNSEEN):
        rows = leaderboard(tables, split, reference=reference).to_dict("records")
        boards += [{"split": split, **row} for row in rows]
    return {"run": str(folder), "cells": cell_scores(tables), "leaderboard": boards}
