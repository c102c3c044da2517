"""The Optuna study of a search: a copy of its records, for others to look at.

A search itself keeps its study in memory. What fails about the copy is said once and costs nothing.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import final

import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from wbcray.cluster.plan import study_name
from wbcray.cluster.storage import ON_NETWORK, VARIABLE, open_storage
from wbcray.cluster.writing_thread import WritingThread
from wbcray.core.errors import ResourceError
from wbcray.search.optuna_space import STATES, distributions
from wbcray.search.space import SearchSpace
from wbcray.store.local_copy import folder_of
from wbcray.store.place import Place
from wbcray.store.studies import StudyStore, studies_of
from wbcray.store.study_contents import Asked, Told

NUMBER = "number"
"""Attribute of an Optuna trial: its number in the records."""

Remark = Callable[[str], None]
"""Takes a sentence for the person at the terminal."""


def frozen(asked: Asked, told: Told, known: Mapping[str, BaseDistribution]) -> FrozenTrial:
    """A recorded trial as Optuna keeps it; `known` are the distributions of the space."""
    return create_trial(
        state=STATES[told.state],
        value=told.value,
        params=dict(asked.params),
        distributions={name: known[name] for name in asked.params},
        intermediate_values=dict(told.intermediate),
        user_attrs={NUMBER: told.number},
    )


def holds(storage: BaseStorage, study: int, wanted: Sequence[FrozenTrial]) -> bool:
    """Whether a study has exactly these trials, in whatever order, with whatever notes on them."""
    found = storage.get_all_trials(study, deepcopy=False)
    return (
        storage.get_study_directions(study) == [StudyDirection.MAXIMIZE]
        and len(found) == len(wanted)
        and {trial.user_attrs.get(NUMBER): _said(trial) for trial in found}
        == {trial.user_attrs[NUMBER]: _said(trial) for trial in wanted}
    )


def _said(trial: FrozenTrial) -> tuple[object, ...]:
    return (
        trial.state,
        trial.values,
        trial.params,
        trial.distributions,
        trial.intermediate_values,
    )


@final
class Copy:
    """A study in a storage, made anew from the records and kept up to date.

    A storage that fails (locked, disk full, database gone) is left alone from then on.

    Args:
        storage: Where to; None keeps no copy.
        name: The study's name there.
        space: What is searched.
        remark: Told once when the storage fails.
        writer: Who writes; without one each call writes before it returns.
    """

    def __init__(
        self,
        storage: BaseStorage | None,
        name: str,
        space: SearchSpace,
        remark: Remark,
        *,
        writer: WritingThread | None = None,
    ) -> None:
        self._storage, self._name = storage, name
        self._known = distributions(space)
        self._remark, self._writer = remark, writer
        self._ids: dict[int, int] = {}
        self._study = -1

    def begin(self, asked: Mapping[int, Asked], told: Mapping[int, Told]) -> None:
        """Put a study that equals the records in place of the one that is there, if it differs."""

        def make(storage: BaseStorage) -> None:
            wanted = [
                frozen(asked[number], told[number], self._known)
                for number in sorted(set(asked) & set(told))
            ]
            with suppress(KeyError):  # there is none
                self._study = storage.get_study_id_from_name(self._name)
                if holds(storage, self._study, wanted):
                    return  # writing takes twenty times as long as looking
                storage.delete_study(self._study)
            self._study = storage.create_new_study([StudyDirection.MAXIMIZE], self._name)
            for trial in wanted:
                storage.create_new_trial(self._study, template_trial=trial)

        self._try(make)

    def started(self, asked: Asked) -> None:
        """A trial runs."""

        def make(storage: BaseStorage) -> None:
            trial = create_trial(
                state=TrialState.RUNNING,
                params=dict(asked.params),
                distributions={name: self._known[name] for name in asked.params},
                user_attrs={NUMBER: asked.number},
            )
            self._ids[asked.number] = storage.create_new_trial(self._study, template_trial=trial)

        self._try(make)

    def reported(self, number: int, budget: int, value: float) -> None:
        """A trial has spent `budget` epochs and stands at `value`."""
        self._try(
            lambda storage: storage.set_trial_intermediate_value(self._ids[number], budget, value)
        )

    def ended(self, told: Told) -> None:
        """A trial is over."""
        values = None if told.value is None else [told.value]
        self._try(
            lambda storage: storage.set_trial_state_values(
                self._ids[told.number], STATES[told.state], values
            )
        )

    def _try(self, act: Callable[[BaseStorage], object]) -> None:
        if self._storage is None:
            return
        if self._writer is None:
            self._attempt(act)
        else:
            self._writer.do(lambda: self._attempt(act))

    def _attempt(self, act: Callable[[BaseStorage], object]) -> None:
        if self._storage is None:  # given up by what was written before
            return
        try:
            act(self._storage)
        except Exception as error:  # noqa: BLE001  # storages fail in many words; records are the truth
            self._storage = None
            self._remark(
                f"the Optuna storage does not answer ({type(error).__name__}): the search goes on "
                "without it, nothing is lost; `wbcray store rebuild` makes the study anew"
            )


def open_cache(run: Place, url: str | None, remark: Remark) -> BaseStorage | None:
    """The storage at `url`, or the run's own file, which is made anew where it is damaged.

    Raises:
        RefusedError: For a URL with a password in it, and for SQLite on a network file system.
        ResourceError: When the database that was asked for cannot be reached.
    """
    try:
        found = _open(run, url, remark)
    except ResourceError:
        if url or os.environ.get(VARIABLE):
            raise
        found = _open_anew(run, remark)
    return found


def _open(run: Place, url: str | None, remark: Remark) -> BaseStorage | None:
    found = open_storage(folder_of(run), url)
    if found is None:
        remark(ON_NETWORK)
    return found


def _open_anew(run: Place, remark: Remark) -> BaseStorage | None:
    try:
        (folder_of(run) / "optuna.db").unlink(missing_ok=True)
        return _open(run, None, remark)
    except (OSError, ResourceError) as error:
        remark(f"the search keeps no Optuna study on disk: {str(error).splitlines()[0]}")
        return None


def rebuild_studies(run: Place, storage: BaseStorage, remark: Remark) -> int:
    """Make the Optuna study of every study of a run anew; how many there are."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    studies = studies_of(run)
    for records in studies:
        name = study_name(run, records.method, records.held_out)
        copy = Copy(storage, name, space_of(records), remark)
        contents = records.contents()
        copy.begin(contents.asked(), contents.told())
    return len(studies)


def space_of(records: StudyStore) -> SearchSpace:
    """The search space that a study was begun with."""
    identity = records.identity() or {}
    return SearchSpace.from_json(identity["space"])
