"""A fixed list of tasks, handed to Tune one by one as long as they may be started."""

from collections.abc import Sequence
from typing import Any, final

from ray.tune.search import Searcher

from wbcray.cluster.ending import TaskEnding
from wbcray.cluster.supervisor import Supervisor
from wbcray.cluster.task import Task


@final
class TaskList(Searcher):  # type: ignore[misc]  # Ray is untyped
    """Hands out tasks in order; those of a stopped method are left out.

    Attributes:
        failed: Why tasks that were started did not complete, by label.
    """

    def __init__(self, tasks: Sequence[Task], supervisor: Supervisor) -> None:
        super().__init__()
        self._waiting = list(tasks)
        self._supervisor = supervisor
        self._running: dict[str, Task] = {}
        self.failed: dict[str, str] = {}

    def suggest(self, trial_id: str) -> Any:
        """The next task, or that there is none."""
        while self._waiting and not self._supervisor.over():
            task = self._waiting.pop(0)
            if self._supervisor.may_start(task.config.method.name):
                self._running[trial_id] = task
                return {"task": task.as_json()}
            trip = self._supervisor.trip_of(task.config.method.name)
            if trip is None:  # no room on the disk
                self._waiting.insert(0, task)
                break
            self.failed[task.label] = f"not started: {trip.reason}"
        return Searcher.FINISHED

    def on_trial_complete(
        self,
        trial_id: str,
        result: dict[str, Any] | None = None,
        error: bool = False,  # noqa: FBT001, FBT002  # Ray's signature
    ) -> None:
        """Note why a task did not complete."""
        task = self._running.pop(trial_id, None)
        if task is None:
            return
        if error:
            self.failed[task.label] = self._supervisor.crashed(task)
            return
        ending = TaskEnding.from_metrics(result or {})
        if result is not None:
            self._supervisor.ended(task, ending)
        trip = self._supervisor.trip_of(task.config.method.name)
        if ending is not None and ending.error is not None:
            self.failed[task.label] = str(ending.error)
        elif ending is None and trip is not None and self._supervisor.has_started(task):
            self.failed[task.label] = trip.reason

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Nothing to do: only endings count."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Tune pickles its searcher into a file that is never read."""
        return Searcher, ()

    def save(self, checkpoint_path: str) -> None:
        """Write nothing: the records are the truth."""

    def restore(self, checkpoint_path: str) -> None:
        """Read nothing; see `save`."""
