"""Optuna under Ray Tune, with records as the truth.

Ray's `OptunaSearch` is used as it is, but for what it gets wrong for a search that must survive
crashes: it tells stopped trials COMPLETE, leaves trials with NaN running for ever, numbers reports
by iteration, writes the storage's URL into a pickle, and forgets trials when its process dies.
The study it works on is in memory and made from the records; a storage gets a copy.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import optuna
from optuna.trial import TrialState
from ray.tune.search import Searcher
from ray.tune.search.optuna import OptunaSearch

from wbcray.cluster.cell_attempts import end_open
from wbcray.cluster.ending import BUDGET, STATE, VALUE, TaskEnding
from wbcray.cluster.failures import first_line
from wbcray.cluster.optuna_cache import NUMBER, Copy, frozen
from wbcray.cluster.plan import StudyPlan
from wbcray.cluster.supervisor import Supervisor
from wbcray.cluster.task import Task
from wbcray.cluster.writing_thread import WritingThread
from wbcray.core.errors import ResourceError, WbcrayError
from wbcray.search.optuna_space import STATES, SuggestSpace, distributions, sampler_of_trial
from wbcray.store.place import no_answer
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told


@dataclass(slots=True, kw_only=True)
class _Running:
    """A trial that is being trained in this sitting."""

    asked: Asked
    task: Task
    intermediate: dict[int, float]
    seconds: float = 0.0


@final
class RecordedSearch(OptunaSearch):  # type: ignore[misc]  # Ray is untyped
    """Suggests configurations, writes each down before it is trained and how it ended after.

    Args:
        plan: What is searched, and how a suggestion becomes a task.
        records: The study's records.
        storage: Where a copy of the Optuna study is kept for others to look at.
        stopped: Ids of Tune trials that the scheduler stopped.
        on_told: Called after a trial's end was recorded.
        supervisor: Who says whether anything is started any more.
        writer: Who writes the copy; without one the search waits for it.
    """

    def __init__(  # noqa: PLR0913  # each is a different thing
        self,
        plan: StudyPlan,
        records: StudyStore,
        *,
        storage: optuna.storages.BaseStorage | None,
        stopped: set[str],
        on_told: Callable[[Told], None],
        supervisor: Supervisor,
        writer: WritingThread | None = None,
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        contents = records.contents()
        told, asked = contents.told(), contents.asked()
        self._plan, self._records = plan, records
        self._stopped, self._on_told = stopped, on_told
        self._supervisor = supervisor
        self._running: dict[str, _Running] = {}
        self._held = ""
        self._next_number = records.next_number()
        self._open = {number: item for number, item in asked.items() if number not in told}
        space = plan.space
        super().__init__(
            space=SuggestSpace(space),
            metric=VALUE,
            mode="max",
            sampler=sampler_of_trial(space.settings, space, 0),
        )
        self._rebuild(asked, told)
        self._copy = Copy(storage, plan.study_name, space, supervisor.remark, writer=writer)
        self._copy.begin(asked, told)

    @property
    def study(self) -> optuna.Study:
        """The Optuna study; a cache of the records."""
        study: optuna.Study = self._ot_study
        return study

    def suggest(self, trial_id: str) -> Any:
        """A task, its suggestion recorded before it is handed out; or that there are no more.

        None while a running trial has the same configuration: two workers would take one cell from
        each other. The suggestion is kept for the next time.
        """
        if not self._supervisor.may_start(self._plan.method):
            return Searcher.FINISHED
        if self._held:
            self._ot_trials[trial_id] = self._ot_trials.pop(self._held)
            self._held = ""
        space = self._plan.space
        # A sampler of its own for each trial, so that no suggestion depends on how many were made
        # in this sitting and how many in earlier ones.
        self.study.sampler = sampler_of_trial(space.settings, space, self._next_number)
        params = super().suggest(trial_id)
        trial = self._ot_trials[trial_id]
        number = trial.user_attrs.get(NUMBER)
        if number is None:
            number, self._next_number = self._next_number, self._next_number + 1
            trial.set_user_attr(NUMBER, number)
        asked = self._open.get(number) or self._plan.asked(number, params)
        if not self._recorded(lambda: self._records.ask(asked)):
            return Searcher.FINISHED
        if any(running.asked.config == asked.config for running in self._running.values()):
            self._held = trial_id
            return None
        task = self._plan.task(asked)
        self._running[trial_id] = _Running(asked=asked, task=task, intermediate={})
        self._copy.started(asked)
        return {"task": task.as_json()}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Note a report under the budget that was spent; a replayed one is noted once."""
        running = self._running[trial_id]
        running.seconds = float(result.get("time_total_s", 0.0))
        value, budget = float(result[VALUE]), int(result[BUDGET])
        if result.get(STATE) or not math.isfinite(value) or budget in running.intermediate:
            return
        running.intermediate[budget] = value
        self._ot_trials[trial_id].report(value, budget)
        self._copy.reported(running.asked.number, budget, value)

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
        running = self._running[trial_id]
        ending = self._ending(trial_id, running.task, result or {}, error=error)
        if ending is None:
            return
        del self._running[trial_id]
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
        if self._recorded(lambda: self._records.tell(told)):
            self._tell_optuna(trial_id, told)
            self._copy.ended(told)
            self._on_told(told)

    def __reduce__(self) -> tuple[Any, ...]:
        """Tune pickles its searcher into a file that is never read."""
        return Searcher, ()

    def save(self, checkpoint_path: str) -> None:
        """Write nothing: the records are the truth, and a pickle would hold the storage's URL."""

    def restore(self, checkpoint_path: str) -> None:
        """Read nothing; see `save`."""

    def _ending(
        self, trial_id: str, task: Task, result: Mapping[str, Any], *, error: bool
    ) -> tuple[Any, float | None, tuple[float, ...], str] | None:
        """State, value, values of folds, reason; None for a trial that is to be taken up again."""
        if error:
            return "FAILED", None, (), self._supervisor.crashed(task)
        ending = TaskEnding.from_metrics(result)
        if ending is not None:
            self._supervisor.ended(task, ending)
            return None if isinstance(ending.error, ResourceError) else _told(ending)
        if trial_id in self._stopped:
            # Ray ends the worker without a word.
            self._recorded(lambda: end_open(task, "STOPPED", "stopped early"))
            return "PRUNED", None, (), ""
        trip = self._supervisor.trip_of(task.config.method.name)
        crashed = trip is not None and not result and self._supervisor.has_started(task)
        return ("FAILED", None, (), trip.reason) if trip and crashed else None

    def _recorded(self, write: Callable[[], object]) -> bool:
        """Whether a record could be written; if not, the sitting ends with the reason."""
        try:
            write()
        except WbcrayError as error:
            self._supervisor.stop(error)
            return False
        except OSError as error:
            self._supervisor.stop(no_answer(self._plan.run, error))
            return False
        return True

    def _tell_optuna(self, trial_id: str, told: Told) -> None:
        state = STATES[told.state]
        values = told.value if state is TrialState.COMPLETE else None
        self.study.tell(self._ot_trials[trial_id], values, state=state)
        self._completed_trials.add(trial_id)

    def _rebuild(self, asked: Mapping[int, Asked], told: Mapping[int, Told]) -> None:
        known = distributions(self._plan.space)
        for number in sorted(set(asked) & set(told)):
            self.study.add_trial(frozen(asked[number], told[number], known))
        for number in sorted(set(asked) - set(told)):
            params = dict(asked[number].params)
            self.study.enqueue_trial(params, user_attrs={NUMBER: number})
        if not asked:
            self.study.enqueue_trial(self._plan.first())


def _told(ending: TaskEnding) -> tuple[Any, float | None, tuple[float, ...], str]:
    """State, value, values of folds and reason, as they are recorded."""
    if ending.state != "COMPLETE":
        # The first line: those below may name files of images.
        return ending.state, None, (), first_line(ending.what)
    if all(math.isfinite(one) for one in ending.values):
        return ending.state, ending.value, ending.values, ""
    return "INFEASIBLE", None, (), f"the objective is not finite ({ending.value})"
