"""The schedulers of several studies as one: each trial is judged among those of its own study."""

from typing import Any, final

from ray.tune.experiment import Trial
from ray.tune.schedulers import TrialScheduler

from wbcray.cluster.ending import VALUE
from wbcray.cluster.gate import GatedFIFO, refuse_pending
from wbcray.cluster.pruning import RecordedASHA
from wbcray.cluster.shared_search import SharedSearch
from wbcray.cluster.supervisor import Supervisor


@final
class SharedScheduler(TrialScheduler):  # type: ignore[misc]  # Ray is untyped
    """Passes what Tune says on to the scheduler of the trial's study.

    Args:
        searches: Knows each trial's study.

    Attributes:
        supervisor: Who says what may be started; set before Tune runs.
    """

    def __init__(self, searches: SharedSearch) -> None:
        super().__init__()
        self._metric = VALUE
        self._searches = searches
        self.supervisor: Supervisor | None = None

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        """The last that waits, once those that may not start are gone.

        A trial that waits has a process on its way. If it gets the process of a trial that was
        stopped, Ray throws its own away; so it has to be the one whose process is least far, or
        where trials stop faster than processes start, most slots are never filled.
        """
        refuse_pending(tune_controller, self.supervisor)
        # Mostly none does, and there are far fewer live trials than ended ones.
        if not any(_waits(trial) for trial in tune_controller.get_live_trials()):
            return None
        return next(
            (trial for trial in reversed(tune_controller.get_trials()) if _waits(trial)), None
        )

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        """Tell the trial's study."""
        self._of(trial).on_trial_add(tune_controller, trial)

    def on_trial_error(self, tune_controller: Any, trial: Any) -> None:
        """Tell the trial's study."""
        self._of(trial).on_trial_error(tune_controller, trial)

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        """What the trial's study decides."""
        return str(self._of(trial).on_trial_result(tune_controller, trial, result))

    def on_trial_complete(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> None:
        """Tell the trial's study."""
        self._of(trial).on_trial_complete(tune_controller, trial, result)

    def on_trial_remove(self, tune_controller: Any, trial: Any) -> None:
        """Tell the trial's study."""
        self._of(trial).on_trial_remove(tune_controller, trial)

    def debug_string(self) -> str:
        """Nothing: Tune's own display is not shown."""
        return ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Tune pickles its scheduler into a file that is never read."""
        return GatedFIFO, ()

    def _of(self, trial: Any) -> RecordedASHA | GatedFIFO:
        return self._searches.part_of(trial.trial_id).scheduler


def _waits(trial: Any) -> bool:
    return bool(trial.status == Trial.PENDING)
