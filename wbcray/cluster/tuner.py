"""Run tasks under Ray Tune: suggested one by one by a search, or a fixed list."""

import os
from collections.abc import Sequence
from typing import Any, final

from ray import tune
from ray.tune.search import Searcher

from wbcray.cluster.disk_space import full_disk
from wbcray.cluster.failures import is_full_disk
from wbcray.cluster.gate import GatedFIFO
from wbcray.cluster.plan import Resources
from wbcray.cluster.progress import TellWatch, Watch
from wbcray.cluster.shared_scheduler import SharedScheduler
from wbcray.cluster.supervisor import Supervisor
from wbcray.cluster.task import Task
from wbcray.cluster.task_list import TaskList
from wbcray.cluster.trainable import train_trial, train_trial_on_workers
from wbcray.cluster.watchdog import Watchdog
from wbcray.store.local_copy import folder_of
from wbcray.store.place import Place

_HEAD = "node:__internal_head__"
"""Ray's own mark of the head node: there the drivers of spread trials wait."""

MAX_FAILURES = 3
"""Times a trial is started again after its process died.

Ray does not count nodes that are drained (preempted with a notice), but a node that vanishes is to
it a process that died. So one more than the two that a fault of the trial itself would need: at the
third identical failure the circuit breaker stops the method.
"""


def search(  # noqa: PLR0913  # each is a different thing
    searcher: Searcher,
    scheduler: SharedScheduler | GatedFIFO,
    *,
    run: Place,
    name: str,
    trials: int,
    at_once: int,
    resources: Resources,
    watch: Watch,
    supervisor: Supervisor,
) -> None:
    """Train `trials` tasks that `searcher` suggests, `at_once` of them at the same time.

    Raises:
        WbcrayError: What ended the sitting early; for a full disk a ResourceError.
        KeyboardInterrupt: When somebody wanted it to end; what was finished is recorded.
    """
    scheduler.supervisor = supervisor
    tune_config = tune.TuneConfig(
        search_alg=searcher,
        scheduler=scheduler,
        num_samples=trials,
        max_concurrent_trials=at_once,
        reuse_actors=True,
    )
    nested = resources.workers > 1
    trainable = train_trial_on_workers if nested else train_trial
    tuner = tune.Tuner(
        tune.with_resources(trainable, _places(resources)),
        tune_config=tune_config,
        run_config=tune.RunConfig(
            name=name,
            storage_path=str((folder_of(run) / "ray").resolve()),
            verbose=0,
            stop=_Stopper(supervisor),
            # The supervisor hears of an end before the display does.
            callbacks=[Watchdog(supervisor), TellWatch(watch)],
            failure_config=tune.FailureConfig(max_failures=MAX_FAILURES),
        ),
    )
    # Tune would take the first Ctrl-C for itself and know nothing of SIGTERM.
    os.environ["TUNE_DISABLE_SIGINT_HANDLER"] = "1"
    # Every ten seconds Tune would write down all its trials, for nobody: once is enough.
    os.environ["TUNE_GLOBAL_CHECKPOINT_S"] = "86400"
    try:
        tuner.fit()
    except Exception as error:
        supervisor.raise_if_over()
        if is_full_disk(error):
            raise full_disk(str(run)) from error
        raise
    supervisor.raise_if_over()


def grid(
    tasks: Sequence[Task],
    *,
    run: Place,
    at_once: int,
    resources: Resources,
    watch: Watch,
    supervisor: Supervisor,
) -> dict[str, str]:
    """Train all `tasks`; why those that did not complete failed.

    Raises:
        WbcrayError: As `search`.
        KeyboardInterrupt: As `search`.
    """
    listed = TaskList(tasks, supervisor)
    search(
        listed,
        GatedFIFO(),
        run=run,
        name="grid",
        trials=len(tasks),
        at_once=at_once,
        resources=resources,
        watch=watch,
        supervisor=supervisor,
    )
    return listed.failed


@final
class _Stopper(tune.Stopper):  # type: ignore[misc]  # Ray is untyped
    """Ends all of Tune's trials when the supervisor says so."""

    def __init__(self, supervisor: Supervisor | None) -> None:
        self._supervisor = supervisor

    def __reduce__(self) -> tuple[Any, ...]:
        """Tune pickles it into a file that is never read."""
        return _Stopper, (None,)

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """No single trial is stopped by it."""
        del trial_id, result
        return False

    def stop_all(self) -> bool:
        """Whether everything is to end now."""
        return self._supervisor is not None and self._supervisor.over()


def _places(resources: Resources) -> tune.PlacementGroupFactory:
    """What the trial itself holds; Train's workers find their own places beside it."""
    if resources.workers > 1:
        # No CPU, or a machine of two cores could never hold a trial and its two workers.
        return tune.PlacementGroupFactory([{_HEAD: 0.001}])
    bundle = {"CPU": float(resources.cpus)}
    if resources.gpus:
        bundle["GPU"] = resources.gpus
    return tune.PlacementGroupFactory([bundle])
