"""The grid method x held-out x fold x seed with fixed configurations; records are reused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wbcray.cluster.breaker import Trip
from wbcray.cluster.cell_attempts import infeasible
from wbcray.cluster.disk_space import Room, check_room, room_for
from wbcray.cluster.nodes import ClusterFacts, slots
from wbcray.cluster.plan import Resources, check_fit
from wbcray.cluster.progress import Watch
from wbcray.cluster.ray_folder import clear_ray_folder
from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.cluster.task import Task
from wbcray.cluster.tuner import grid
from wbcray.store.cell import CellKey
from wbcray.store.cells import CellStore
from wbcray.store.openings import Openings, Reason
from wbcray.store.place import Place, place_of, url_of
from wbcray.store.run import identity_of
from wbcray.store.selections import Origin, Selection, Selections
from wbcray.store.studies import StudyStore
from wbcray.training.oracle import looked_at, oracle_choice
from wbcray.training.settings import Settings

SelectBy = Literal["validation", "oracle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPlan:
    """What is compared, and by which scores a tuned configuration is chosen."""

    run: Place
    settings: Settings
    methods: tuple[str, ...]
    held_out: tuple[str, ...]
    seeds: int
    resources: Resources
    sources: int
    selection: SelectBy = "validation"

    def select(self) -> list[Selection]:
        """The configuration of every method and held-out domain: the tuned one, else the default.

        By `validation` it reads validation scores only, and is recorded before any held-out count
        is opened. By `oracle` it opens the held-out counts of every complete trial.
        """
        peeks = self.selection == "oracle"
        return [
            self._selection(method, domain, peeks=peeks)
            for domain in self.held_out
            for method in self.methods
        ]

    def by_validation(self) -> list[Selection]:
        """What `select` finds by validation; it opens nothing, whatever the plan is."""
        return [
            self._selection(method, domain, peeks=False)
            for domain in self.held_out
            for method in self.methods
        ]

    def to_open(self) -> int:
        """Configurations that `select` would open and that nobody has looked at yet."""
        if self.selection != "oracle":
            return 0
        wanted = {
            (asked.config.digest, domain)
            for domain in self.held_out
            for method in self.methods
            for asked in looked_at(self.run, self._study(method, domain), folds=self._folds)
        }
        return len(wanted - {(key.config, key.held_out) for key in Openings(self.run).opened()})

    def check(self) -> None:
        """Refuse what would fail in every cell.

        Raises:
            UsageError: As `plan.check_fit`.
        """
        for selection in self.by_validation():
            check_fit(selection.config, sources=self.sources, workers=self.resources.workers)

    @property
    def _folds(self) -> tuple[int, ...]:
        return tuple(range(self.settings.folds))

    def _study(self, method: str, held_out: str) -> StudyStore:
        return StudyStore(self.run, method, held_out)

    def _selection(self, method: str, held_out: str, *, peeks: bool) -> Selection:
        study = self._study(method, held_out)
        best = study.best()
        chosen = best[0] if best else None
        origin: Origin = "tuned" if best else "default"
        peeked = oracle_choice(self.run, study, folds=self._folds) if peeks else None
        if peeked is not None:
            chosen, origin = peeked, "oracle"
        return Selection(
            method=method,
            held_out=held_out,
            config=chosen.config if chosen else self.settings.config(method, {}),
            origin=origin,
            trial=chosen.number if chosen else -1,
            folds=self._folds,
            seeds=tuple(range(self.seeds)),
        )


def missing_tasks(
    selections: Sequence[Selection],
    run: Place,
    resources: Resources,
    *,
    deterministic: bool = False,
) -> list[Task]:
    """One task per cell that has no record yet."""
    cells = CellStore(run)
    return [
        _task(selection, key, run, resources, deterministic=deterministic)
        for selection in selections
        for key in selection.cells()
        if cells.find(key) is None
    ]


def without_infeasible(tasks: Sequence[Task]) -> tuple[list[Task], dict[str, str]]:
    """The tasks that may be trained, and why the others may not, by label.

    A configuration that was found to be at fault would be so again.
    """
    refused = {}
    for task in tasks:
        cells = CellStore(place_of(task.run))
        for reason in filter(None, (infeasible(cells, key) for key in task.cells)):
            refused[task.label] = f"infeasible: {reason}"
    return [task for task in tasks if task.label not in refused], refused


def run_comparison(
    plan: ComparisonPlan,
    tasks: Sequence[Task],
    cluster: ClusterFacts,
    watch: Watch,
    terms: Terms,
) -> tuple[Mapping[str, str], tuple[Trip, ...]]:
    """Train the missing cells; how those that did not complete ended, and which methods stopped.

    Raises:
        WbcrayError: What ended the sitting early; a ResourceError where the disk has no room.
        KeyboardInterrupt: When somebody wanted it to end; what was finished is recorded.
    """
    if not tasks:
        return {}, ()
    at_once = min(len(tasks), slots(cluster, plan.resources))
    room = room_of_comparison(plan, len(tasks), at_once=at_once)
    check_room(plan.run, room)
    supervisor = Supervisor(plan.run, terms, needed=room.passing)
    watch.plan("compare", len(tasks), plan.settings.epochs)
    clear_ray_folder(plan.run, "grid")
    failed = grid(
        tasks,
        run=plan.run,
        at_once=at_once,
        resources=plan.resources,
        watch=watch,
        supervisor=supervisor,
    )
    return failed, supervisor.trips


def check_room_of(plan: ComparisonPlan, tasks: Sequence[Task]) -> None:
    """Refuse what the disk cannot hold, before Ray is started.

    Raises:
        ResourceError: With what is needed and what is free.
    """
    if tasks:
        check_room(plan.run, room_of_comparison(plan, len(tasks)))


def room_of_comparison(plan: ComparisonPlan, cells: int, *, at_once: int = 1) -> Room:
    """What training `cells` cells will write: each keeps its checkpoint."""
    return room_for(
        plan.settings,
        classes=len(identity_of(plan.run)["classes"]),
        cells=cells,
        kept=cells,
        at_once=at_once,
    )


def open_selected(selections: Sequence[Selection], run: Place) -> None:
    """Record the selections, then open the held-out counts of their cells."""
    chosen = Selections(run)
    for selection in selections:
        chosen.choose(selection)
    cells = CellStore(run)
    reasons: tuple[Reason, ...] = ("selected", "oracle")
    for reason in reasons:
        records = [
            cells.find(key)
            for selection in selections
            if (selection.origin == "oracle") == (reason == "oracle")
            for key in selection.cells()
        ]
        Openings(run).open([record for record in records if record is not None], reason)


def _task(
    selection: Selection, key: CellKey, run: Place, resources: Resources, *, deterministic: bool
) -> Task:
    return Task(
        run=url_of(run),
        label=f"{selection.method} on {key.held_out}, fold {key.fold}, seed {key.seed}",
        config=selection.config,
        held_out=key.held_out,
        folds=(key.fold,),
        seed=key.seed,
        threads=resources.cpus,
        workers=resources.workers,
        gpus=resources.gpus,
        deterministic=deterministic,
    )
