"""One study from beginning to end: search, record, resume."""

import shutil
from dataclasses import dataclass

import optuna

from wbcray.cluster.plan import StudyPlan
from wbcray.cluster.progress import Watch
from wbcray.cluster.pruning import make_scheduler
from wbcray.cluster.searcher import RecordedSearch
from wbcray.cluster.session import ClusterFacts
from wbcray.cluster.tuner import search
from wbcray.store.cells import CellKey, CellStore
from wbcray.store.run import refuse_changes
from wbcray.store.selections import Selections
from wbcray.store.studies import StudyStore, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOutcome:
    """How a sitting ended; `open` counts trials that were to be trained in it and did not end."""

    open: int


def begin_study(plan: StudyPlan) -> StudyStore:
    """The study's records, begun or found to be the same study.

    Raises:
        RefusedError: When the search space or another fixed field has changed.
    """
    plan.check()
    records = StudyStore(plan.run, plan.method, plan.held_out)
    before = records.identity()
    if before is not None:
        refuse_changes(
            before, plan.identity(), what=f"study '{plan.name}'", where=str(records.folder)
        )
    records.begin(plan.identity())
    records.plan(plan.trials)
    return records


def run_study(
    plan: StudyPlan,
    records: StudyStore,
    cluster: ClusterFacts,
    storage: optuna.storages.BaseStorage | None,
    watch: Watch,
) -> StudyOutcome:
    """Train what is planned and not told yet."""
    remaining, before = records.remaining(), len(records.told())
    if not remaining:
        return StudyOutcome(open=0)
    scheduler = make_scheduler(
        plan.space.settings, budget=plan.budget, told=records.told().values()
    )
    weights = WeightKeeper(plan, records)
    searcher = RecordedSearch(
        plan, records, storage=storage, stopped=scheduler.stopped, on_told=weights.tidy
    )
    watch.plan(plan.name, remaining, plan.budget)
    # Ray's folder of an earlier sitting is a cache that we never restore from.
    shutil.rmtree(plan.run / "ray" / plan.name, ignore_errors=True)
    search(
        searcher,
        scheduler,
        run=plan.run,
        name=plan.name,
        trials=remaining,
        cluster=cluster,
        resources=plan.resources,
        watch=watch,
    )
    return StudyOutcome(open=remaining - (len(records.told()) - before))


class WeightKeeper:
    """Keeps the checkpoints of the best trial and of what a comparison selected, no others."""

    def __init__(self, plan: StudyPlan, records: StudyStore) -> None:
        self._plan = plan
        self._records = records
        self._cells = CellStore(plan.run)

    def tidy(self, _told: Told) -> None:
        """Delete the checkpoints that an ended trial made superfluous, its own or another's."""
        selected = {item.config.digest for item in Selections(self._plan.run).current()}
        best = self._records.best()
        kept = selected | ({best[0].config.digest} if best else set())
        asked = self._records.asked()
        told = self._records.told()
        # A trial that still runs may replay folds that an ended one of the same digest recorded.
        kept |= {asked[number].config.digest for number in set(asked) - set(told)}
        for number in told:
            digest = asked[number].config.digest
            if digest not in kept:
                self._release(digest)

    def _release(self, digest: str) -> None:
        for fold in range(self._plan.settings.folds):
            key = CellKey(
                config=digest, held_out=self._plan.held_out, fold=fold, seed=self._plan.seed
            )
            self._cells.release_weights(key)
