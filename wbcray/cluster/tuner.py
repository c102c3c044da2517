"""Run tasks under Ray Tune: suggested one by one by a search, or a fixed list."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.schedulers import TrialScheduler
from ray.tune.search import Searcher

from wbcray.cluster.plan import Resources
from wbcray.cluster.progress import TellWatch, Watch
from wbcray.cluster.run_task import STATE
from wbcray.cluster.session import ClusterFacts
from wbcray.cluster.task import Task
from wbcray.cluster.trainable import train_trial, train_trial_on_workers
from wbcray.core.errors import ResourceError

_HEAD = "node:__internal_head__"
"""Ray's own mark of the head node: there the drivers of spread trials wait."""

MAX_FAILURES = 2
"""Times a trial is started again after its process died."""


def slots(cluster: ClusterFacts, wanted: Resources) -> int:
    """Trials that fit at once.

    Raises:
        ResourceError: When not one does.
    """
    fitting = cluster.cpus / (wanted.cpus * wanted.workers)
    if wanted.gpus:
        fitting = min(fitting, cluster.gpus / (wanted.gpus * wanted.workers))
    number = int(fitting + 1e-9)
    if number < 1:
        raise ResourceError(
            f"a trial needs {wanted.cpus * wanted.workers} CPUs and "
            f"{wanted.gpus * wanted.workers:g} GPUs; Ray has {cluster.cpus:g} and "
            f"{cluster.gpus:g}",
            where=f"Ray at {cluster.address}",
            fix="lower --workers, --cpus-per-trial or --gpus-per-trial",
        )
    return number


def search(  # noqa: PLR0913  # each is a different thing
    searcher: Searcher,
    scheduler: TrialScheduler,
    *,
    run: Path,
    name: str,
    trials: int,
    cluster: ClusterFacts,
    resources: Resources,
    watch: Watch,
) -> None:
    """Train `trials` tasks that `searcher` suggests."""
    tune_config = tune.TuneConfig(
        search_alg=searcher,
        scheduler=scheduler,
        num_samples=trials,
        max_concurrent_trials=slots(cluster, resources),
        reuse_actors=True,
    )
    _fit(tune_config, None, run=run, name=name, resources=resources, watch=watch)


def grid(
    tasks: Sequence[Task],
    *,
    run: Path,
    cluster: ClusterFacts,
    resources: Resources,
    watch: Watch,
) -> dict[str, str]:
    """Train all `tasks`; why those that did not complete failed, empty where interrupted."""
    tune_config = tune.TuneConfig(
        max_concurrent_trials=slots(cluster, resources), reuse_actors=True
    )
    space = {"task": tune.grid_search([task.as_json() for task in tasks])}
    results = _fit(tune_config, space, run=run, name="grid", resources=resources, watch=watch)
    failed = {}
    for result in results:
        metrics = result.metrics or {}
        if metrics.get(STATE) != "COMPLETE" and result.config:
            label = Task.from_json(result.config["task"]).label
            failed[label] = str(metrics.get("error") or result.error or "")
    return failed


def _fit(
    tune_config: tune.TuneConfig,
    space: dict[str, Any] | None,
    *,
    run: Path,
    name: str,
    resources: Resources,
    watch: Watch,
) -> Any:
    nested = resources.workers > 1
    trainable = train_trial_on_workers if nested else train_trial
    tuner = tune.Tuner(
        tune.with_resources(trainable, _places(resources)),
        param_space=space or {},
        tune_config=tune_config,
        run_config=tune.RunConfig(
            name=name,
            storage_path=str((run / "ray").resolve()),
            verbose=0,
            callbacks=[TellWatch(watch)],
            failure_config=tune.FailureConfig(max_failures=MAX_FAILURES),
        ),
    )
    return tuner.fit()


def _places(resources: Resources) -> tune.PlacementGroupFactory:
    """What the trial itself holds; Train's workers find their own places beside it."""
    if resources.workers > 1:
        # No CPU, or a machine of two cores could never hold a trial and its two workers.
        return tune.PlacementGroupFactory([{_HEAD: 0.001}])
    bundle = {"CPU": float(resources.cpus)}
    if resources.gpus:
        bundle["GPU"] = resources.gpus
    return tune.PlacementGroupFactory([bundle])
