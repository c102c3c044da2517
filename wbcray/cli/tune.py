"""`wbcray tune`: search the hyper-parameters of methods, one study per held-out domain."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say, warn

if TYPE_CHECKING:
    from wbcray.cli.session import Sitting
    from wbcray.cluster.breaker import Trip
    from wbcray.cluster.nodes import ClusterFacts
    from wbcray.cluster.plan import StudyPlan
    from wbcray.cluster.supervisor import Terms
    from wbcray.store.studies import StudyStore

_FAILED_TRIALS = 6


def tune(
    *,
    method: Annotated[
        list[str], typer.Option(help="What to tune; may be repeated or listed with commas.")
    ],
    held_out: Annotated[
        list[str] | None, typer.Option(help="Domains to hold out; default: each in turn.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, max=100_000, help="Trials per study.")] = 50,
    folds: opt.Folds = None,
    epochs: opt.Epochs = None,
    run: opt.RunName = "main",
    project: opt.Project = opt.DEFAULT_PROJECT,
    space: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Folder of search spaces; default: search_spaces/."
        ),
    ] = None,
    fixed: Annotated[
        list[str] | None, typer.Option("--set", help="Hold a hyper-parameter: name=value.")
    ] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(help="Search an axis, too: e.g. normalization=batch,group."),
    ] = None,
    classification: opt.Classification = None,
    domain_risk: opt.DomainRisk = None,
    penalty: opt.Penalty = None,
    sampler: opt.Sampler = None,
    mixing: opt.Mixing = None,
    normalization: opt.Normalization = None,
    finish: opt.Finish = None,
    colour: opt.Colour = None,
    weights: opt.Weights = None,
    address: opt.Address = None,
    insecure_cluster: opt.InsecureCluster = False,
    workers: opt.Workers = 1,
    cpus_per_trial: opt.Cpus = 1,
    gpus_per_trial: opt.Gpus = None,
    storage: Annotated[
        str | None, typer.Option(help="Optuna storage URL without password; default: SQLite.")
    ] = None,
    deterministic: opt.Deterministic = False,
    stall_minutes: opt.StallMinutes = 15.0,
    dry_run: opt.DryRun = False,
    json: opt.Json = False,
) -> int:
    """Search the hyper-parameters of methods; run again, it goes on where it stopped."""
    from wbcray.cli.search_request import Request
    from wbcray.core.project import load_project

    described = load_project(project)
    held = opt.settings_given(
        fixed,
        classification=classification,
        domain_risk=domain_risk,
        penalty=penalty,
        sampler=sampler,
        mixing=mixing,
        normalization=normalization,
        finish=finish,
        colour=colour,
    )
    request = Request(
        methods=opt.methods_of(opt.names(method)),
        held_out=opt.domains_of(described, opt.names(held_out)),
        trials=trials,
        space=space,
        fixed=held,
        searched=opt.choices(search, held),
        deterministic=deterministic,
    )
    from wbcray.cli.session import (
        fit_to,
        ray_for,
        resources_of,
        run_place,
        sitting,
        slow_precision,
    )
    from wbcray.cluster.storage import check_storage
    from wbcray.training.settings import settings_of

    settings = settings_of(described, folds=folds, epochs=epochs, weights=weights)
    resources = resources_of(cpus_per_trial, gpus_per_trial, workers)
    sources = opt.sources_of(described, request.held_out)
    plans = request.plans(run_place(described, run), settings, resources, sources=sources)
    check_storage(storage)
    if dry_run:
        return _describe(plans, json=json)
    with sitting(described, run, settings) as open_sitting:
        from wbcray.cluster.study import begin_study, check_room_of

        records = [begin_study(plan, check=open_sitting.driver.check) for plan in plans]
        check_room_of(plans, records)
        _say_larger_plans(plans, records)
        stopped: tuple[Trip, ...] = ()
        if any(record.remaining() for record in records):
            with (
                ray_for(
                    open_sitting.run.folder, address, nested=workers > 1, insecure=insecure_cluster
                ) as cluster,
                open_sitting.supervised(stall_minutes) as terms,
            ):
                if remark := slow_precision(described, settings, cluster):
                    warn(remark)
                fitted = fit_to(cluster, resources, gpus_per_trial)
                ready = [replace(plan, resources=fitted) for plan in plans]
                stopped = _search(ready, records, cluster, storage, terms)
        else:
            say("every planned trial is recorded; ask for more with --trials")
        return _finish(open_sitting, [_result(plan) for plan in plans], stopped, json=json)


def _search(
    plans: list["StudyPlan"],
    records: list["StudyStore"],
    cluster: "ClusterFacts",
    storage: str | None,
    terms: "Terms",
) -> "tuple[Trip, ...]":
    """Train what is missing; the methods that were stopped."""
    from wbcray.cli.progress import ProgressTable
    from wbcray.cluster.optuna_cache import open_cache
    from wbcray.cluster.study import run_studies

    kept = open_cache(plans[0].run, storage, terms.remark)
    with ProgressTable() as watch:
        return run_studies(plans, records, cluster, kept, watch, terms)


def _say_larger_plans(plans: list["StudyPlan"], records: list["StudyStore"]) -> None:
    """An earlier sitting may have asked for more trials, and those are trained, too."""
    for plan, record in zip(plans, records, strict=True):
        if record.planned() > plan.trials:
            say(f"{plan.name} was planned with {record.planned()} trials, and they are trained")


def _result(plan: "StudyPlan") -> dict[str, Any]:
    from wbcray.cli.results import told_of
    from wbcray.store.studies import StudyStore

    study = StudyStore(plan.run, plan.method, plan.held_out)
    return told_of(plan.run, study, study.contents())


def _finish(
    open_sitting: "Sitting",
    studies: list[dict[str, Any]],
    stopped: "tuple[Trip, ...]",
    *,
    json: bool,
) -> int:
    """Print what was found, and say what failed; the exit code."""
    from wbcray.cli.results import failures_of, show_studies
    from wbcray.explorer.reading.rebuild import rebuild
    from wbcray.store.local_copy import pulled
    from wbcray.store.place import url_of

    run = open_sitting.run.folder
    folder = pulled(run)
    rebuild(folder)
    if json:
        print_json({"run": url_of(run), "studies": studies})
    else:
        show_studies(studies)
    for line in (*failures_of(folder), *map(str, stopped)):
        warn(line)
    if not json:
        say(f"run: {url_of(run)}")
        methods = ",".join(dict.fromkeys(["erm", *(study["method"] for study in studies)]))
        say(f"next: wbcray compare --methods {methods} --run {run.name}")
    return _FAILED_TRIALS if stopped or any(map(_falls_short, studies)) else 0


def _falls_short(study: Mapping[str, Any]) -> bool:
    """Whether trials are missing that were planned; a failed one may have been replaced since."""
    return bool(study["complete"] + study["pruned"] < study["planned"])


def _describe(plans: list["StudyPlan"], *, json: bool) -> int:
    """What would be searched; touches no run folder and starts no Ray."""
    spaces = {plan.method: plan.space for plan in plans}
    epochs = sum(plan.trials * plan.budget for plan in plans)
    if json:
        print_json(
            {
                "studies": len(plans),
                "trials": sum(plan.trials for plan in plans),
                "epochs_at_most": epochs,
                "spaces": {name: space.as_json() for name, space in spaces.items()},
            }
        )
        return 0
    firsts = {plan.method: plan.first() for plan in plans}
    for name, space in spaces.items():
        rows = [
            (d.name, d.kind, " .. ".join(map(str, d.ends())), str(firsts[name].get(d.name, "-")))
            for d in space.dimensions
        ]
        print_table(f"search space of {name}", ("parameter", "kind", "searched", "trial 0"), rows)
        say(f"maximised: {space.objective}, mean over folds")
    first = plans[0]
    say(
        f"{len(plans)} studies x {first.trials} trials x {first.settings.folds} folds x "
        f"{first.settings.epochs} epochs: at most {epochs} epochs"
    )
    return 0
