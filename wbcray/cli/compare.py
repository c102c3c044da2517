"""`wbcray compare`: the grid of cells, and the leaderboard with what is real and what is not."""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say, shown_path, warn
from wbcray.cli.selector import Selector, refuse_careless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wbcray.cli.session import Sitting
    from wbcray.cluster.breaker import Trip
    from wbcray.cluster.comparison import ComparisonPlan
    from wbcray.cluster.task import Task
    from wbcray.store.place import Place
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
    selection: Annotated[
        Selector,
        typer.Option(help="Scores that choose among a study's trials; an oracle is no result."),
    ] = Selector.VALIDATION,
    peeks: Annotated[
        bool,
        typer.Option(
            "--i-know-this-peeks", help="Needed with --selection oracle: it opens every trial."
        ),
    ] = False,
    run: opt.RunName = "main",
    project: opt.Project = opt.DEFAULT_PROJECT,
    weights: opt.Weights = None,
    address: opt.Address = None,
    insecure_cluster: opt.InsecureCluster = False,
    workers: opt.Workers = 1,
    cpus_per_trial: opt.Cpus = 1,
    gpus_per_trial: opt.Gpus = None,
    deterministic: opt.Deterministic = False,
    stall_minutes: opt.StallMinutes = 15.0,
    dry_run: opt.DryRun = False,
    json: opt.Json = False,
) -> int:
    """Train what is missing of method x held-out x fold x seed and print the leaderboard.

    A method stands with its tuned configuration where the run has a study of it, else with its
    defaults. What is recorded is not trained again.
    """
    from wbcray.core.project import load_project

    refuse_careless(selection, peeks=peeks)
    described = load_project(project)
    chosen = opt.methods_of(opt.names(methods) or ("poster",), where="--methods")
    domains = opt.domains_of(described, opt.names(held_out))
    reference = opt.reference_of(reference)
    from wbcray.cli.session import resources_of, run_place, sitting
    from wbcray.cluster.comparison import ComparisonPlan, open_selected
    from wbcray.training.settings import settings_of

    settings = settings_of(described, folds=folds, epochs=epochs, weights=weights)
    folder = run_place(described, run)
    resources = resources_of(cpus_per_trial, gpus_per_trial, workers)
    plan = ComparisonPlan(
        run=folder,
        settings=settings,
        methods=chosen,
        held_out=domains,
        seeds=seeds,
        resources=resources,
        sources=opt.sources_of(described, domains),
        selection=selection.value,
    )
    plan.check()
    if reference not in chosen:
        warn(
            f"the reference '{reference}' is not among --methods: nothing is compared with it "
            "unless the run has it already"
        )
    if dry_run:
        _say_plan(plan, plan.by_validation(), json=json)
        return 0
    with sitting(described, run, settings) as open_sitting:
        if plan.to_open():
            warn(f"opening held-out counts of {plan.to_open()} more configurations to choose by")
        selections = plan.select()
        _say_plan(plan, selections)
        failed = _train(
            open_sitting,
            plan,
            selections,
            _Driving(
                address=address,
                gpus=gpus_per_trial,
                insecure=insecure_cluster,
                deterministic=deterministic,
                stall_minutes=stall_minutes,
            ),
        )
        open_sitting.driver.check()
        open_selected(selections, folder)
        _finish(folder, selections, reference, json=json)
    for line in failed:
        warn(line)
    return _FAILED_CELLS if failed else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Driving:
    """How cells are trained, as far as the options say."""

    address: str | None
    gpus: float | None
    insecure: bool
    deterministic: bool
    stall_minutes: float


def _train(
    open_sitting: "Sitting",
    plan: "ComparisonPlan",
    selections: "Sequence[Selection]",
    driving: _Driving,
) -> list[str]:
    """Train the missing cells; one sentence for each that failed, and for each stopped method."""
    from wbcray.cluster.comparison import check_room_of, missing_tasks, without_infeasible

    tasks, failed = without_infeasible(
        missing_tasks(selections, plan.run, plan.resources, deterministic=driving.deterministic)
    )
    check_room_of(plan, tasks)
    stopped: tuple[Trip, ...] = ()
    if tasks:
        more, stopped = _train_with_ray(open_sitting, plan, tasks, driving)
        failed |= more
    return [*map(str, stopped), *(f"failed: {label}: {why}" for label, why in failed.items())]


def _train_with_ray(
    open_sitting: "Sitting", plan: "ComparisonPlan", tasks: "Sequence[Task]", driving: _Driving
) -> "tuple[Mapping[str, str], tuple[Trip, ...]]":
    from wbcray.cli.progress import ProgressTable
    from wbcray.cli.session import fit_to, ray_for, slow_precision
    from wbcray.cluster.comparison import run_comparison

    nested = plan.resources.workers > 1
    with (
        ray_for(plan.run, driving.address, nested=nested, insecure=driving.insecure) as cluster,
        open_sitting.supervised(driving.stall_minutes) as terms,
        ProgressTable() as watch,
    ):
        if remark := slow_precision(open_sitting.project, plan.settings, cluster):
            warn(remark)
        fitted = fit_to(cluster, plan.resources, driving.gpus)
        ready = [replace(task, gpus=fitted.gpus) for task in tasks]
        return run_comparison(replace(plan, resources=fitted), ready, cluster, watch, terms)


def _say_plan(
    plan: "ComparisonPlan", selections: "Sequence[Selection]", *, json: bool = False
) -> None:
    """How much there is to train; reads records and writes nothing."""
    from wbcray.cluster.comparison import missing_tasks

    cells = sum(len(selection.cells()) for selection in selections)
    recorded = cells - len(missing_tasks(selections, plan.run, plan.resources))
    if json:
        print_json(
            {
                "cells": cells,
                "recorded": recorded,
                "selection": plan.selection,
                "to_open": plan.to_open(),
            }
        )
        return
    say(f"{cells} cells, {recorded} of them recorded")
    if plan.to_open():
        say(f"an oracle would open {plan.to_open()} more configurations")


def _finish(run: "Place", selections: "Sequence[Selection]", reference: str, *, json: bool) -> None:
    from wbcray.cli.comparison import comparison_json, show_comparison
    from wbcray.explorer.reading.rebuild import rebuild
    from wbcray.store.local_copy import pulled
    from wbcray.store.place import url_of

    tables = rebuild(pulled(run))
    if json:
        print_json(comparison_json(url_of(run), tables, reference))
        return
    for line in _origins(selections):
        say(line)
    show_comparison(tables, reference=reference)
    say(f"run: {url_of(run)}")
    say(f"next: wbcray report {_named(run)} -o report.html")


def _named(run: "Place") -> str:
    """The run as a shell takes it."""
    return shown_path(run) if isinstance(run, Path) else shlex.quote(run.url)


def _origins(selections: "Sequence[Selection]") -> list[str]:
    """Says aloud when methods did not get the same search."""
    tuned = sorted({f"{s.shown_as} on {s.held_out}" for s in selections if s.origin != "default"})
    default = [s for s in selections if s.origin == "default"]
    if not tuned or not default:
        return []
    names = ", ".join(tuned)
    return [
        f"note: tuned: {names}; all others have their default hyper-parameters.",
        "note: a tuned method against untuned ones is no fair comparison: tune them all alike",
    ]
