"""What every training command does first: project, settings, run folder, Ray."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wbcray.cli.console import say, warn

if TYPE_CHECKING:
    from wbcray.cluster.plan import Resources
    from wbcray.cluster.session import ClusterFacts
    from wbcray.core.project import Project
    from wbcray.training.open_run import OpenRun
    from wbcray.training.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A project with its settings and its open run."""

    project: "Project"
    settings: "Settings"
    run: "OpenRun"


@contextmanager
def sitting(project: "Project", name: str, settings: "Settings") -> Iterator[Sitting]:
    """Open a run for writing; one that cannot be begun leaves nothing behind."""
    from wbcray.cli.progress import decoding
    from wbcray.data.folds import thin_classes
    from wbcray.store.run import driving
    from wbcray.training.open_run import open_run

    folder = run_folder(project, name)
    fresh = [path for path in (folder, folder.parent) if not path.exists()]
    try:
        with driving(folder):
            with decoding() as on_progress:
                run = open_run(project, name, settings, on_progress=on_progress)
            for domain, label, images in thin_classes(run.catalog, settings.folds):
                warn(
                    f"class '{label}' has {images} image{'s' * (images != 1)} in domain "
                    f"'{domain}', fewer than {settings.folds} folds: some folds cannot measure it"
                )
            yield Sitting(project=project, settings=settings, run=run)
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
    with suppress(OSError):
        (folders[0] / "driver.lock").unlink(missing_ok=True)
        for folder in folders:
            folder.rmdir()


@contextmanager
def ray_for(run: Path, address: str | None, *, nested: bool = False) -> Iterator["ClusterFacts"]:
    """A Ray session, announced; its own output goes to a file in the run folder.

    `nested`: trials spread over workers of their own, which Ray frees only with its dashboard on.
    """
    from wbcray.cluster.session import ray_session

    with ray_session(address, log=run / "ray" / "ray.log", dashboard=nested) as cluster:
        where = "this machine" if cluster.address == "local" else f"the cluster {cluster.address}"
        gpus = f", {cluster.gpus:g} GPUs" if cluster.gpus else ""
        say(f"Ray on {where}: {cluster.cpus:g} CPUs{gpus}")
        yield cluster


def resources_of(cpus: int, gpus: float | None, workers: int) -> "Resources":
    """What a trial gets, as far as the options say."""
    from wbcray.cluster.plan import Resources

    return Resources(cpus=cpus, gpus=gpus or 0.0, workers=workers)


def fit_to(cluster: "ClusterFacts", wanted: "Resources", gpus: float | None) -> "Resources":
    """Without --gpus-per-trial, one GPU for each worker where the cluster has any."""
    return replace(wanted, gpus=1.0) if gpus is None and cluster.gpus else wanted


def interruptible() -> None:
    """Treat SIGTERM (preemption) like Ctrl-C: stop launching, keep what is recorded."""

    def terminate(_signal: int, _frame: Any) -> None:
        os.environ["WBCRAY_TERMINATED"] = "1"
        os.kill(os.getpid(), signal.SIGINT)

    signal.signal(signal.SIGTERM, terminate)
