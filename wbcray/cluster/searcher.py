"""Optuna under Ray Tune, with records as the truth.

Ray's `OptunaSearch` is used as it is, but for what it gets wrong for a search that must survive
crashes: it tells stopped trials COMPLETE, leaves trials with NaN running for ever, numbers reports
by iteration, writes the storage's URL into a pickle, and forgets trials when its process dies.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial
from ray.tune.search.optuna import OptunaSearch

from wbcray.cluster.plan import StudyPlan
from wbcray.cluster.run_task import BUDGET, STATE, VALUE
from wbcray.search.optuna_space import SuggestSpace, distributions, make_sampler
from wbcray.store.studies import Asked, StudyStore, Told

NUMBER = "number"
"""Attribute of an Optuna trial: its number in the records."""

_STATES = {
    "COMPLETE": TrialState.COMPLETE,
    "PRUNED": TrialState.PRUNED,
    "FAILED": TrialState.FAIL,
    "INFEASIBLE": TrialState.FAIL,
}


@dataclass(slots=True, kw_only=True)
class _Running:
    """A trial that is being trained in this sitting."""

    asked: Asked
    intermediate: dict[int, float]
    seconds: float = 0.0


@final
class RecordedSearch(OptunaSearch):  # type: ignore[misc]  # Ray is untyped
    """Suggests configurations, writes each down before it is trained and how it ended after.

    Args:
        plan: What is searched, and how a suggestion becomes a task.
        records: The study's records; the Optuna study is rebuilt from them.
        storage: Where the Optuna study is kept for others to look at; None keeps it in memory.
        stopped: Ids of Tune trials that the scheduler stopped.
        on_told: Called after a trial's end was recorded.
    """

    def __init__(
        self,
        plan: StudyPlan,
        records: StudyStore,
        *,
        storage: optuna.storages.BaseStorage | None,
        stopped: set[str],
        on_told: Callable[[Told], None],
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        told, asked = records.told(), records.asked()
        self._plan, self._records = plan, records
        self._stopped, self._on_told = stopped, on_told
        self._running: dict[str, _Running] = {}
        self._next_number = max(asked, default=-1) + 1
        self._open = {number: item for number, item in asked.items() if number not in told}
        space = plan.space
        super().__init__(
            space=SuggestSpace(space),
            metric=VALUE,
            mode="max",
            # A resumed sampler starts another stream, or it would suggest again what it suggested
            # at the beginning.
            sampler=make_sampler(space.settings, space, seed=space.settings.seed + len(asked)),
            study_name=plan.study_name,
            storage=_emptied(storage, plan.study_name),
        )
        self._rebuild(asked, told)

    @property
    def study(self) -> optuna.Study:
        """The Optuna study; a cache of the records."""
        study: optuna.Study = self._ot_study
        return study

    def suggest(self, trial_id: str) -> dict[str, Any]:
        """A task, its suggestion recorded before it is handed out."""
        params = super().suggest(trial_id)
        trial = self._ot_trials[trial_id]
        number = trial.user_attrs.get(NUMBER)
        if number is None:
            number, self._next_number = self._next_number, self._next_number + 1
            trial.set_user_attr(NUMBER, number)
        asked = self._open.get(number) or self._plan.asked(number, params)
        self._records.ask(asked)
        self._running[trial_id] = _Running(asked=asked, intermediate={})
        return {"task": self._plan.task(asked).as_json()}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Note a report under the budget that was spent; a replayed one is noted once."""
        running = self._running[trial_id]
        running.seconds = float(result.get("time_total_s", 0.0))
        value, budget = float(result[VALUE]), int(result[BUDGET])
        if result.get(STATE) or not math.isfinite(value) or budget in running.intermediate:
            return
        running.intermediate[budget] = value
        self._ot_trials[trial_id].report(value, budget)

    def on_trial_complete(
        self,
        trial_id: str,
        result: dict[str, Any] | None = None,
        error: bool = False,  # noqa: FBT001, FBT002  # Ray's signature
    ) -> None:
        """Record how the trial ended; one that was interrupted stays open and is taken up again."""
        if trial_id not in self._running:
            return
        if result is not None:
            self.on_trial_result(trial_id, result)
        ending = self._ending(trial_id, result or {}, error=error)
        if ending is None:
            return
        running = self._running.pop(trial_id)
        state, value, values, message = ending
        told = Told(
            number=running.asked.number,
            state=state,
            value=value,
            values=values,
            intermediate=tuple(sorted(running.intermediate.items())),
            budget=max(running.intermediate, default=0),
            seconds=running.seconds,
            error=message,
        )
        self._records.tell(told)
        self._tell_optuna(trial_id, told)
        self._on_told(told)

    def save(self, checkpoint_path: str) -> None:
        """Write nothing: the records are the truth, and a pickle would hold the storage's URL."""

    def restore(self, checkpoint_path: str) -> None:
        """Read nothing; see `save`."""

    def _ending(
        self, trial_id: str, result: Mapping[str, Any], *, error: bool
    ) -> tuple[Any, float | None, tuple[float, ...], str] | None:
        state = result.get(STATE)
        if error:
            return "FAILED", None, (), "the worker process failed again and again"
        if state == "COMPLETE":
            return state, float(result[VALUE]), tuple(result["values"]), ""
        if state:
            return state, None, (), str(result.get("error", ""))
        if trial_id in self._stopped:
            return "PRUNED", None, (), ""
        return None

    def _tell_optuna(self, trial_id: str, told: Told) -> None:
        state = _STATES[told.state]
        values = told.value if state is TrialState.COMPLETE else None
        self.study.tell(self._ot_trials[trial_id], values, state=state)
        self._completed_trials.add(trial_id)

    def _rebuild(self, asked: Mapping[int, Asked], told: Mapping[int, Told]) -> None:
        known = distributions(self._plan.space)
        for number in sorted(told):
            self.study.add_trial(_frozen(asked[number], told[number], known))
        for number in sorted(set(asked) - set(told)):
            params = dict(asked[number].params)
            self.study.enqueue_trial(params, user_attrs={NUMBER: number})
        if not asked:
            self.study.enqueue_trial(self._plan.first())


def _emptied(
    storage: optuna.storages.BaseStorage | None, name: str
) -> optuna.storages.BaseStorage | None:
    """`storage` without the study of that name, which is made again from the records."""
    if storage is not None and name in optuna.get_all_study_names(storage):
        optuna.delete_study(study_name=name, storage=storage)
    return storage


def _frozen(asked: Asked, told: Told, known: Mapping[str, Any]) -> FrozenTrial:
    return create_trial(
        state=_STATES[told.state],
        value=told.value,
        params=dict(asked.params),
        distributions={name: known[name] for name in asked.params},
        intermediate_values=dict(told.intermediate),
        user_attrs={NUMBER: told.number},
    )
