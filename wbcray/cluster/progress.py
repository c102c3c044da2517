"""What a display may know about running trials, and the Tune callback that tells it."""

from typing import Any, Protocol, final, runtime_checkable

from ray import tune

from wbcray.cluster.ending import BUDGET, STATE, VALUE, TaskEnding
from wbcray.cluster.task import Task


@runtime_checkable
class Watch(Protocol):
    """A progress display. Labels name trials or cells; budgets are epochs over all folds.

    Where a sitting has several studies, the label of a trial begins with its study's title.
    """

    def plan(self, title: str, trials: int, budget: int) -> None:
        """A study or comparison begins, with so many trials of at most `budget` epochs each."""
        ...

    def started(self, label: str) -> None:
        """A trial runs."""
        ...

    def reported(self, label: str, value: float, budget: int) -> None:
        """A trial has spent `budget` epochs and stands at `value`."""
        ...

    def ended(self, label: str, state: str, value: float | None) -> None:
        """A trial is over."""
        ...


@final
class Silent:
    """A display that shows nothing."""

    def plan(self, title: str, trials: int, budget: int) -> None:
        """Show nothing."""

    def started(self, label: str) -> None:
        """Show nothing."""

    def reported(self, label: str, value: float, budget: int) -> None:
        """Show nothing."""

    def ended(self, label: str, state: str, value: float | None) -> None:
        """Show nothing."""


@final
class TellWatch(tune.Callback):  # type: ignore[misc]  # Ray is untyped
    """Passes what Tune says on to a display, in our words."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._last: dict[str, dict[str, Any]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Tune pickles its callbacks into files that are never read; a live display cannot be."""
        return TellWatch, (Silent(),)

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial got its place."""
        self._watch.started(_label(trial))

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        """A trial reported."""
        self._last[trial.trial_id] = result
        if VALUE in result and not result.get(STATE):
            self._watch.reported(_label(trial), float(result[VALUE]), int(result[BUDGET]))

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial is over, by itself or because the scheduler stopped it."""
        result = self._last.get(trial.trial_id, {})
        ending = TaskEnding.from_metrics(result)
        state = "PRUNED" if ending is None else ending.state
        self._watch.ended(_label(trial), state, result.get(VALUE))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial failed for good, or is about to be started again."""
        if trial.status == "ERROR":
            self._watch.ended(_label(trial), "FAILED", None)


def _label(trial: Any) -> str:
    return Task.from_json(trial.config["task"]).label
