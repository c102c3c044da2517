"""The grid method x held-out x fold x seed with fixed configurations; records are reused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbcray.cluster.plan import Resources, check_fit
from wbcray.cluster.progress import Watch
from wbcray.cluster.session import ClusterFacts
from wbcray.cluster.task import Task
from wbcray.cluster.tuner import grid
from wbcray.store.cells import CellKey, CellStore
from wbcray.store.openings import Openings
from wbcray.store.selections import Selection, Selections
from wbcray.store.studies import StudyStore
from wbcray.training.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPlan:
    """What is compared."""

    run: Path
    settings: Settings
    methods: tuple[str, ...]
    held_out: tuple[str, ...]
    seeds: int
    resources: Resources
    sources: int

    def select(self) -> list[Selection]:
        """The configuration of every method and held-out domain: the tuned one, else the default.

        It reads validation scores only, and is recorded before any held-out count is opened.
        """
        return [
            self._selection(method, domain) for domain in self.held_out for method in self.methods
        ]

    def check(self) -> None:
        """Refuse what would fail in every cell.

        Raises:
            UsageError: As `plan.check_fit`.
        """
        for selection in self.select():
            check_fit(selection.config, sources=self.sources, workers=self.resources.workers)

    def _selection(self, method: str, held_out: str) -> Selection:
        best = StudyStore(self.run, method, held_out).best()
        return Selection(
            method=method,
            held_out=held_out,
            config=best[0].config if best else self.settings.config(method, {}),
            origin="tuned" if best else "default",
            trial=best[0].number if best else -1,
            folds=tuple(range(self.settings.folds)),
            seeds=tuple(range(self.seeds)),
        )


def missing_tasks(selections: Sequence[Selection], run: Path, resources: Resources) -> list[Task]:
    """One task per cell that has no record yet."""
    cells = CellStore(run)
    return [
        _task(selection, key, run, resources)
        for selection in selections
        for key in selection.cells()
        if cells.find(key) is None
    ]


def run_comparison(
    plan: ComparisonPlan, tasks: Sequence[Task], cluster: ClusterFacts, watch: Watch
) -> Mapping[str, str]:
    """Train the missing cells; how those that did not complete ended, by label.

    Raises:
        KeyboardInterrupt: When it was interrupted; what was finished is recorded.
    """
    if not tasks:
        return {}
    watch.plan("compare", len(tasks), plan.settings.epochs)
    failed = grid(tasks, run=plan.run, cluster=cluster, resources=plan.resources, watch=watch)
    left = {task.label for task in missing_tasks(plan.select(), plan.run, plan.resources)}
    if left - {label for label, reason in failed.items() if reason}:
        # Tune swallows Ctrl-C; cells without a record and without a reason tell of it.
        raise KeyboardInterrupt
    return failed


def open_selected(selections: Sequence[Selection], run: Path) -> None:
    """Record the selections, then open the held-out counts of their cells."""
    chosen = Selections(run)
    for selection in selections:
        chosen.choose(selection)
    cells = CellStore(run)
    records = [cells.find(key) for selection in selections for key in selection.cells()]
    Openings(run).open([record for record in records if record is not None], "selected")


def _task(selection: Selection, key: CellKey, run: Path, resources: Resources) -> Task:
    return Task(
        run=str(run),
        label=f"{selection.method} on {key.held_out}, fold {key.fold}, seed {key.seed}",
        config=selection.config,
        held_out=key.held_out,
        folds=(key.fold,),
        seed=key.seed,
        threads=resources.cpus,
        workers=resources.workers,
        gpus=resources.gpus,
    )
