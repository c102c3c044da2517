"""Successive halving over epochs, summed over folds, that remembers earlier sittings."""

from collections.abc import Iterable, Mapping
from typing import Any, final

from ray.tune.schedulers import ASHAScheduler, TrialScheduler

from wbcray.cluster.ending import BUDGET, STATE, VALUE, TaskEnding
from wbcray.cluster.gate import GatedFIFO
from wbcray.search.space import SearchSettings
from wbcray.store.study_contents import Told


@final
class RecordedASHA(ASHAScheduler):  # type: ignore[misc]  # Ray is untyped
    """Ray's ASHA (Li et al. 2020, https://arxiv.org/abs/1810.05934) with three additions.

    It knows which trials it stopped itself, so that an interrupted trial is not taken for a pruned
    one; its rungs are filled from the records, so that a resumed search prunes as if it had never
    stopped; and it leaves alone the trials that are not to be pruned, and those that have spent all
    their epochs, though they fill the rungs.
    """

    def __init__(self, settings: SearchSettings, *, budget: int, told: Iterable[Told]) -> None:
        super().__init__(
            time_attr=BUDGET,
            metric=VALUE,
            mode="max",
            # One more than all epochs: the last epoch's report must not end the trial before its
            # fold is recorded.
            max_t=budget + 1,
            grace_period=min(settings.grace_epochs, budget),
            reduction_factor=settings.reduction_factor,
        )
        self._budget = budget
        self.stopped: set[str] = set()
        for trial in told:
            self._remember(trial)

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        """Ray's decision, noted when it is to stop an unfinished trial."""
        decision: str = super().on_trial_result(tune_controller, trial, result)
        # A rung may lie on the last epoch: to stop there would save nothing and lose the result.
        spent = not result.get(STATE) and result[BUDGET] >= self._budget
        if spent or not trial.config["task"]["prunable"]:
            return str(TrialScheduler.CONTINUE)
        if decision == TrialScheduler.STOP and not result.get(STATE):
            self.stopped.add(trial.trial_id)
        return decision

    def on_trial_complete(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> None:
        """A trial that did not complete says nothing about the others."""
        ending = TaskEnding.from_metrics(result)
        if ending is not None and ending.state == "COMPLETE":
            super().on_trial_complete(tune_controller, trial, result)
        else:
            self._trial_info.pop(trial.trial_id, None)

    def rungs(self) -> Mapping[int, list[float]]:
        """The values that were recorded at each rung."""
        return {int(at): sorted(recorded.values()) for at, recorded in self._brackets[0]._rungs}  # noqa: SLF001  # Ray offers no other way

    def _remember(self, told: Told) -> None:
        for at, recorded in self._brackets[0]._rungs:  # noqa: SLF001  # Ray offers no other way
            reached = [value for budget, value in told.intermediate if budget >= at]
            if reached:
                recorded[f"record-{told.number}"] = reached[0]


def make_scheduler(
    settings: SearchSettings, *, budget: int, told: Iterable[Told]
) -> RecordedASHA | GatedFIFO:
    """The scheduler that a search space asks for."""
    if settings.scheduler == "none":
        return GatedFIFO()
    return RecordedASHA(settings, budget=budget, told=told)
