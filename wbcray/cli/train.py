"""`wbcray train`: one configuration on one fold."""

import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say
from wbcray.core.errors import UsageError

if TYPE_CHECKING:
    from wbcray.cli.interruption import Interruption
    from wbcray.cli.session import Sitting
    from wbcray.cluster.ending import TaskEnding
    from wbcray.cluster.plan import Resources
    from wbcray.cluster.task import Task
    from wbcray.core.config import TrialConfig
    from wbcray.core.result import EpochReport


def train(
    *,
    method: Annotated[str, typer.Option(help="A method of `wbcray methods`.")],
    held_out: Annotated[str, typer.Option(help="The domain to hold out.")],
    fold: Annotated[int, typer.Option(min=0, help="Number of the fold.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the cell.")] = 0,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="A hyper-parameter: name=value.")
    ] = None,
    classification: opt.Classification = None,
    domain_risk: opt.DomainRisk = None,
    penalty: opt.Penalty = None,
    sampler: opt.Sampler = None,
    mixing: opt.Mixing = None,
    normalization: opt.Normalization = None,
    finish: opt.Finish = None,
    colour: opt.Colour = None,
    folds: opt.Folds = None,
    epochs: opt.Epochs = None,
    run: opt.RunName = "main",
    project: opt.Project = opt.DEFAULT_PROJECT,
    weights: opt.Weights = None,
    address: opt.Address = None,
    insecure_cluster: opt.InsecureCluster = False,
    workers: opt.Workers = 1,
    cpus_per_trial: Annotated[
        int | None, typer.Option(min=1, help="Threads of each worker; default: all cores.")
    ] = None,
    gpus_per_trial: opt.Gpus = None,
    deterministic: opt.Deterministic = False,
    dry_run: opt.DryRun = False,
    json: opt.Json = False,
) -> int:
    """Train one cell; several workers train it together under Ray Train."""
    from wbcray.cli.session import run_place
    from wbcray.core.project import load_project
    from wbcray.methods.compose import with_parts
    from wbcray.training.settings import settings_of

    described = load_project(project)
    method = opt.method_of(method)
    opt.domains_of(described, (held_out,))
    run_place(described, run)
    settings = settings_of(described, folds=folds, epochs=epochs, weights=weights)
    given = opt.settings_given(
        values,
        classification=classification,
        domain_risk=domain_risk,
        penalty=penalty,
        sampler=sampler,
        mixing=mixing,
        normalization=normalization,
        finish=finish,
        colour=colour,
    )
    settings.config(method, given, where="--set")
    if fold >= settings.folds:
        raise UsageError(
            f"there is no fold {fold}; the folds are 0 to {settings.folds - 1}",
            where="--fold",
            fix="choose another fold, or more --folds",
        )
    from wbcray.cluster.plan import checked_config

    sources = opt.sources_of(described, (held_out,))
    checked_config(settings, method, given, sources=sources, workers=workers)
    # A part that is given makes another method, which tables must not mix up with it.
    config = settings.config(with_parts(method, given), given)
    if dry_run:
        return _describe(config, json=json)
    from wbcray.cli.session import resources_of, sitting
    from wbcray.cluster.task import Task
    from wbcray.store.place import url_of

    with sitting(described, run, settings) as open_sitting:
        cores = os.cpu_count() or 1
        cpus = cpus_per_trial or max(1, cores // workers)
        resources = resources_of(cpus, gpus_per_trial, workers)
        task = Task(
            run=url_of(open_sitting.run.folder),
            label=f"{method} on {held_out}, fold {fold}, seed {seed}",
            config=config,
            held_out=held_out,
            folds=(fold,),
            seed=seed,
            threads=resources.cpus,
            workers=workers,
            gpus=resources.gpus,
            deterministic=deterministic,
        )
        _train(open_sitting, task, resources, address, gpus_per_trial, insecure=insecure_cluster)
        _show(open_sitting, task, json=json)
    return 0


def _train(
    open_sitting: "Sitting",
    task: "Task",
    resources: "Resources",
    address: str | None,
    gpus: float | None,
    *,
    insecure: bool,
) -> None:
    from wbcray.cluster.cell_attempts import refuse_infeasible

    refuse_infeasible(task, write=False)
    if task.workers > 1:
        stop = open_sitting.interruption
        _train_on_workers(task, resources, address, gpus, insecure=insecure, interruption=stop)
    else:
        _train_here(open_sitting, task)


def _train_here(open_sitting: "Sitting", task: "Task") -> None:
    """In this process, without Ray."""
    import torch

    from wbcray.store.cells import CellStore
    from wbcray.training.determinism import deterministic
    from wbcray.training.runtime import LocalRuntime
    from wbcray.training.trial import run_trial

    torch.set_num_threads(task.threads)
    if task.deterministic:
        deterministic(task.threads)
    run_trial(
        task.config,
        open_sitting.run.data(task.held_out),
        CellStore(open_sitting.run.folder),
        LocalRuntime(on_report=_say_epoch),
        folds=task.folds,
        seed=task.seed,
    )


def _say_epoch(report: "EpochReport") -> None:
    from wbcray.metrics.scores import macro_f1

    losses = ", ".join(f"{name} {value:.4f}" for name, value in report.losses.items())
    say(
        f"epoch {report.epoch + 1}: {losses}; validation macro F1 {macro_f1(report.counts):.3f} "
        f"({report.seconds:.1f} s)"
    )


def _train_on_workers(
    task: "Task",
    resources: "Resources",
    address: str | None,
    gpus: float | None,
    *,
    insecure: bool,
    interruption: "Interruption",
) -> None:
    from wbcray.cli.session import fit_to, ray_for
    from wbcray.cluster.ending import check_ended
    from wbcray.cluster.nodes import slots
    from wbcray.cluster.workers import fit_on_workers
    from wbcray.store.place import place_of

    with ray_for(place_of(task.run), address, insecure=insecure) as cluster:
        interruption.heed()
        fitted = fit_to(cluster, resources, gpus)
        slots(cluster, fitted)
        name = f"train-{uuid.uuid4().hex[:12]}"
        ready = replace(task, gpus=fitted.gpus)
        ending = _in_a_thread(lambda: fit_on_workers(ready, name=name))
    check_ended(ending, run=task.run)


def _in_a_thread(work: "Callable[[], TaskEnding | None]") -> "TaskEnding | None":
    """What `work` returns: in the main thread, Ray Train would answer Ctrl-C in its own way."""
    done: Future[TaskEnding | None] = Future()

    def act() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  # it is raised in the main thread
            done.set_exception(error)

    threading.Thread(target=act, daemon=True).start()
    return done.result()


def _describe(config: "TrialConfig", *, json: bool) -> int:
    if json:
        print_json({"config": config.as_json(), "digest": config.digest})
        return 0
    rows = [(name, str(value)) for name, value in config.flat().items()]
    print_table(f"configuration {config.digest}", ("setting", "value"), rows)
    return 0


def _show(open_sitting: "Sitting", task: "Task", *, json: bool) -> None:
    from wbcray.metrics.scores import score_all
    from wbcray.store.cell import CellKey
    from wbcray.store.cells import CellStore
    from wbcray.store.place import url_of

    key = CellKey(
        config=task.config.digest, held_out=task.held_out, fold=task.folds[0], seed=task.seed
    )
    record = CellStore(open_sitting.run.folder).find(key)
    scores = score_all(record.counts) if record else {}
    if json:
        print_json({"run": url_of(open_sitting.run.folder), "cell": key.folder, "val": scores})
        return
    rows = [(name, f"{value:.3f}") for name, value in scores.items()]
    print_table(f"{task.label}, on validation", ("score", "value"), rows)
    say("the held-out domain stays sealed: `wbcray compare` opens it")
