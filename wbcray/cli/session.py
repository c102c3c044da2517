"""What every training command does first: project, settings, run folder, Ray."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wbcray.cli.console import say, warn
from wbcray.cli.interruption import Interruption

if TYPE_CHECKING:
    from wbcray.cluster.nodes import ClusterFacts
    from wbcray.cluster.plan import Resources
    from wbcray.cluster.supervisor import Terms
    from wbcray.core.project import Project
    from wbcray.store.driver import Driver
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


@contextmanager
def sitting(project: "Project", name: str, settings: "Settings") -> Iterator[Sitting]:
    """Open a run for writing; one that cannot be begun leaves nothing behind.

    From here on Ctrl-C and SIGTERM (preemption) end the work in order.
    """
    from wbcray.cli.progress import decoding
    from wbcray.data.folds import thin_classes
    from wbcray.store.driver import driving
    from wbcray.store.studies import remarks_of
    from wbcray.training.open_run import open_run

    folder = run_folder(project, name)
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


def run_folder(project: "Project", name: str) -> Path:
    """The folder of the run `name`, whether or not it has been begun.

    Raises:
        UsageError: For a name that cannot be a folder's.
    """
    from wbcray.store.run import check_name

    return project.runs / check_name(name)


def _remove(folders: list[Path]) -> None:
    """Take back what opening a run made, as far as nothing else has come to lie in it."""
    from wbcray.store.driver import forget

    forget(folders[0])
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


@contextmanager
def ray_for(
    run: Path, address: str | None, *, nested: bool = False, insecure: bool = False
) -> Iterator["ClusterFacts"]:
    """A Ray session, announced, of which no process is left at the end.

    Its own output goes to a file in the run folder.

    `nested`: trials spread over workers of their own, which Ray frees only with its dashboard on.
    `insecure`: a cluster without authentication is joined, too.
    """
    from wbcray.cluster.leftovers import descendants, none_left
    from wbcray.cluster.session import ray_session

    log = run / "ray" / "ray.log"
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
