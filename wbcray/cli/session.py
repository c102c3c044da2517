"""What every training command does first: project, settings, run folder, Ray."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wbcray.cli.console import say, warn
from wbcray.cli.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wbcray.cluster.nodes import ClusterFacts
    from wbcray.cluster.plan import Resources
    from wbcray.cluster.supervisor import Terms
    from wbcray.core.project import Project
    from wbcray.store.driver import Driver
    from wbcray.store.place import Place
    from wbcray.training.open_run import OpenRun
    from wbcray.training.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A project with its settings and its open run, in the hands of this process."""

    project: "Project"
    settings: "Settings"
    run: "OpenRun"
    driver: "Driver"
    interruption: Interruption

    @contextmanager
    def supervised(self, stall_minutes: float) -> Iterator["Terms"]:
        """How trials are watched in this block, in which Ctrl-C ends them in order."""
        from wbcray.cluster.supervisor import Terms

        with self.interruption.held():
            yield Terms(
                interrupted=self.interruption.asked, remark=warn, stall_seconds=60 * stall_minutes
            )


def slow_precision(project: "Project", settings: "Settings", cluster: "ClusterFacts") -> str | None:
    """What to say where `precision: auto` was settled by a machine that is not one to train on.

    The precision is part of what a run is, so a node that joins later cannot choose its own.
    """
    by_itself = project.training.precision == "auto"
    if not (by_itself and settings.precision == "float32" and cluster.has_gpus):
        return None
    return (
        "`precision: auto` means float32 on this machine; the cluster's GPUs train faster with "
        "`precision: bfloat16` in wbcray.yaml, in a new run"
    )


@contextmanager
def sitting(project: "Project", name: str, settings: "Settings") -> Iterator[Sitting]:
    """Open a run for writing; one that cannot be begun leaves nothing behind.

    From here on Ctrl-C and SIGTERM (preemption) end the work in order.
    """
    from wbcray.cli.progress import decoding
    from wbcray.data.folds import thin_classes
    from wbcray.store.driver import driving
    from wbcray.store.place import reached
    from wbcray.store.studies import remarks_of
    from wbcray.training.open_run import open_run

    folder = reached(run_place(project, name))
    interruption = Interruption()
    fresh = [path for path in (folder, folder.parent) if not path.exists()]
    try:
        with interruption.heeded(), driving(folder) as driver:
            for remark in (*driver.remarks, *remarks_of(folder)):
                warn(remark)
            with decoding() as on_progress:
                run = open_run(project, name, settings, on_progress=on_progress)
            for domain, label, images in thin_classes(run.catalog, settings.folds):
                warn(
                    f"class '{label}' has {images} image{'s' * (images != 1)} in domain "
                    f"'{domain}', fewer than {settings.folds} folds: some folds cannot measure it"
                )
            yield Sitting(
                project=project,
                settings=settings,
                run=run,
                driver=driver,
                interruption=interruption,
            )
    finally:
        if folder in fresh and not (folder / "run.json").exists():
            _remove(fresh)


def run_place(project: "Project", name: str) -> "Place":
    """Where the run `name` lies, whether or not it has been begun.

    Raises:
        UsageError: For a name that cannot be a folder's, or `runs:` that is no place.
    """
    from wbcray.store.place import place_of
    from wbcray.store.run import check_name

    return place_of(project.runs) / check_name(name)


def _remove(folders: "Sequence[Place]") -> None:
    """Take back what opening a run made, as far as nothing else has come to lie in it."""
    from wbcray.store.driver import forget

    forget(folders[0])
    with suppress(OSError):
        for folder in folders:
            if isinstance(folder, Path):
                folder.rmdir()


@contextmanager
def ray_for(
    run: "Place", address: str | None, *, nested: bool = False, insecure: bool = False
) -> Iterator["ClusterFacts"]:
    """A Ray session, announced, of which no process is left at the end.

    Its own output goes to a file in the run's folder on this machine.

    `nested`: trials spread over workers of their own, which Ray frees only with its dashboard on.
    `insecure`: a cluster without authentication is joined, too.
    """
    from wbcray.cluster.leftovers import descendants, none_left
    from wbcray.cluster.session import ray_session
    from wbcray.store.local_copy import folder_of

    log = folder_of(run) / "ray" / "ray.log"
    with (
        none_left() as started,
        ray_session(address, log=log, dashboard=nested, insecure=insecure) as cluster,
    ):
        say(str(cluster))
        try:
            yield cluster
        finally:
            started.update(descendants())


def resources_of(cpus: int, gpus: float | None, workers: int) -> "Resources":
    """What a trial gets, as far as the options say."""
    from wbcray.cluster.plan import Resources

    return Resources(cpus=cpus, gpus=gpus or 0.0, workers=workers)


def fit_to(cluster: "ClusterFacts", wanted: "Resources", gpus: float | None) -> "Resources":
    """Without --gpus-per-trial, one GPU for each worker where the cluster has any."""
    return replace(wanted, gpus=1.0) if gpus is None and cluster.has_gpus else wanted
