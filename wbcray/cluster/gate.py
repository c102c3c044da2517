"""Schedulers that start nothing of a method that was stopped, not even again."""

from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler

from wbcray.cluster.supervisor import Supervisor
from wbcray.cluster.task import Task


def refuse_pending(controller: Any, supervisor: Supervisor | None) -> None:
    """End the trials that wait for a place and may not have it: Ray puts crashed ones there."""
    if supervisor is None or not supervisor.trips:
        return
    for trial in controller.get_trials():
        if trial.status != Trial.PENDING:  # of many thousands, nearly all have ended
            continue
        method = Task.from_json(trial.config["task"]).config.method.name
        if supervisor.trip_of(method) is not None:
            controller.stop_trial(trial)


class GatedFIFO(FIFOScheduler):  # type: ignore[misc]  # Ray is untyped
    """Every trial gets its whole budget, in order.

    Attributes:
        stopped: Ids of the trials that it stopped: none.
        supervisor: Who says what may be started; set before Tune runs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stopped: set[str] = set()
        self.supervisor: Supervisor | None = None

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        """The first that waits, once those that may not start are gone."""
        refuse_pending(tune_controller, self.supervisor)
        chosen: Trial | None = super().choose_trial_to_run(tune_controller)
        return chosen
