"""The studies of a sitting from beginning to end: search, record, resume."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import optuna

from wbcray.cluster.breaker import Trip
from wbcray.cluster.disk_space import Room, check_room, room_for
from wbcray.cluster.nodes import ClusterFacts, slots
from wbcray.cluster.plan import StudyPlan
from wbcray.cluster.progress import Watch
from wbcray.cluster.pruning import make_scheduler
from wbcray.cluster.ray_folder import clear_ray_folder
from wbcray.cluster.searcher import RecordedSearch
from wbcray.cluster.shared_scheduler import SharedScheduler
from wbcray.cluster.shared_search import Part, SharedSearch
from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.cluster.tuner import search
from wbcray.cluster.writing_thread import WritingThread
from wbcray.store.cell import CellKey
from wbcray.store.cells import CellStore
from wbcray.store.run import identity_of, refuse_changes
from wbcray.store.selections import Selections
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Told

_NAME = "search"
"""Of the sitting's folder in Ray's own."""
_LEFT_SECONDS, _INTERRUPTED_SECONDS = 60.0, 5.0
"""For copies that are not written yet when a search ends; when it is made to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """A study with `trials` that are planned and not told yet."""

    plan: StudyPlan
    records: StudyStore
    trials: int


def begin_study(plan: StudyPlan, *, check: Callable[[], None] | None = None) -> StudyStore:
    """The study's records, begun or found to be the same study.

    `check`: As `StudyStore`.

    Raises:
        RefusedError: When the search space or another fixed field has changed.
    """
    plan.check()
    records = StudyStore(plan.run, plan.method, plan.held_out, check=check)
    before = records.identity()
    if before is not None:
        refuse_changes(
            before, plan.identity(), what=f"study '{plan.name}'", where=str(records.folder)
        )
    records.begin(plan.identity())
    records.plan(plan.trials)
    return records


def check_room_of(plans: Sequence[StudyPlan], records: Sequence[StudyStore]) -> None:
    """Refuse what the disk cannot hold, before Ray is started.

    Raises:
        ResourceError: With what is needed and what is free.
    """
    remaining = _remaining(plans, records)
    if remaining:
        check_room(plans[0].run, room_of_studies(remaining))


def room_of_studies(remaining: Sequence[Remaining], *, at_once: int = 1) -> Room:
    """What training will write: the best of each study and those that run keep checkpoints."""
    plan = remaining[0].plan
    folds = plan.settings.folds
    return room_for(
        plan.settings,
        classes=len(identity_of(plan.run)["classes"]),
        cells=sum(study.trials for study in remaining) * folds,
        kept=folds * (len(remaining) + at_once),
        at_once=at_once,
    )


def run_studies(  # each is a different thing
    plans: Sequence[StudyPlan],
    records: Sequence[StudyStore],
    cluster: ClusterFacts,
    storage: optuna.storages.BaseStorage | None,
    watch: Watch,
    terms: Terms,
) -> tuple[Trip, ...]:
    """Train what is planned and not told yet; the methods that were stopped before the end.

    The studies share the slots, so they are of one run, with the same settings and resources.

    Raises:
        WbcrayError: What ended the sitting early; a ResourceError where the disk has no room.
        KeyboardInterrupt: When somebody wanted it to end; what was finished is recorded.
    """
    remaining = _remaining(plans, records)
    if not remaining:
        return ()
    first = remaining[0].plan
    trials = sum(study.trials for study in remaining)
    at_once = 1 if first.deterministic else min(trials, slots(cluster, first.resources))
    room = room_of_studies(remaining, at_once=at_once)
    check_room(first.run, room)
    supervisor = Supervisor(first.run, terms, needed=room.passing)
    with _writing(storage, terms) as copies:
        parts = [_part(study, copies, supervisor) for study in remaining]
        searches = SharedSearch(parts, supervisor)
        for study in remaining:
            watch.plan(study.plan.name, study.trials, study.plan.budget)
        clear_ray_folder(first.run, _NAME)
        search(
            searches,
            SharedScheduler(searches),
            run=first.run,
            name=_NAME,
            trials=trials,
            at_once=at_once,
            resources=first.resources,
            watch=watch,
            supervisor=supervisor,
        )
    return supervisor.trips


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copies:
    """Where copies of Optuna studies go, if anywhere, and who writes them."""

    storage: optuna.storages.BaseStorage | None
    writer: WritingThread


@contextmanager
def _writing(storage: optuna.storages.BaseStorage | None, terms: Terms) -> Iterator[_Copies]:
    """Copies that are written beside the search, and to their end unless it was interrupted."""
    writer, seconds = WritingThread(), _LEFT_SECONDS
    try:
        yield _Copies(storage=storage, writer=writer)
    except BaseException:
        seconds = _INTERRUPTED_SECONDS
        raise
    finally:
        if not writer.finish(seconds):
            terms.remark(
                "the Optuna study on disk lags behind the records, where nothing is missing; "
                "`wbcray store rebuild` makes it anew"
            )


def _remaining(plans: Sequence[StudyPlan], records: Sequence[StudyStore]) -> list[Remaining]:
    found = [
        Remaining(plan=plan, records=study, trials=study.remaining())
        for plan, study in zip(plans, records, strict=True)
    ]
    return [study for study in found if study.trials]


def _part(study: Remaining, copies: _Copies, supervisor: Supervisor) -> Part:
    plan, records = study.plan, study.records
    scheduler = make_scheduler(
        plan.space.settings, budget=plan.budget, told=records.told().values()
    )
    searcher = RecordedSearch(
        plan,
        records,
        storage=copies.storage,
        writer=copies.writer,
        stopped=scheduler.stopped,
        on_told=WeightKeeper(plan, records).tidy,
        supervisor=supervisor,
    )
    return Part(method=plan.method, search=searcher, scheduler=scheduler, left=study.trials)


class WeightKeeper:
    """Keeps the checkpoints of the best trial and of what a comparison selected, no others.

    Of a trial that is over it keeps no state to go on from either. It reads a study's records once
    and then what is new, or the ends of a long search would cost more and more.
    """

    def __init__(self, plan: StudyPlan, records: StudyStore) -> None:
        self._plan = plan
        self._records = records
        self._cells = CellStore(plan.run)
        self._next = records.next_number()
        contents = records.contents()
        self._open = {number: one.config.digest for number, one in contents.asked().items()}
        self._best: tuple[float, int, str] | None = None
        self._ended: set[str] = set()
        """Configurations whose trials are over, and that may have checkpoints."""
        for told in contents.told().values():
            self._end(told)

    def tidy(self, ended: Told) -> None:
        """Delete the checkpoints that an ended trial made superfluous, its own or another's."""
        self._read_new(ended.number)
        digest = self._end(ended)
        # A trial that still runs may replay folds that an ended one of the same digest recorded.
        running = set(self._open.values())
        kept = running | {item.config.digest for item in Selections(self._plan.run).current()}
        if self._best is not None:
            kept.add(self._best[-1])
        for superfluous in self._ended - kept:
            for key in self._cells_of(superfluous):
                self._cells.release_weights(key)
            self._ended.remove(superfluous)
        if digest is not None and digest not in running:
            for key in self._cells_of(digest):
                self._cells.release_progress(key)

    def _read_new(self, least: int) -> None:
        """The suggestions since the last time; up to `least` a damaged one is passed over."""
        while (asked := self._records.suggestion(self._next)) is not None or self._next <= least:
            if asked is not None:
                self._open[self._next] = asked.config.digest
            self._next += 1

    def _end(self, told: Told) -> str | None:
        """Take a trial for over; its configuration, None where its suggestion is lost."""
        digest = self._open.pop(told.number, None)
        if digest is None:
            return None
        self._ended.add(digest)
        if told.state == "COMPLETE" and told.value is not None:
            # As `StudyStore.best`: the highest value, the earliest of equals.
            place = (told.value, -told.number, digest)
            self._best = place if self._best is None else max(self._best, place)
        return digest

    def _cells_of(self, digest: str) -> list[CellKey]:
        return [
            CellKey(config=digest, held_out=self._plan.held_out, fold=fold, seed=self._plan.seed)
            for fold in range(self._plan.settings.folds)
        ]
