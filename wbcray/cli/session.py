"""What every training command does first: project, settings, run folder, Ray."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
def sitting(project: "Project", name: str, **changes: Any) -> Iterator[Sitting]:
    """Open a run for writing, with options in place of the project's settings where given."""
    from wbcray.cli.progress import decoding
    from wbcray.data.folds import thin_classes
    from wbcray.store.run import check_name, driving
    from wbcray.training.open_run import open_run
    from wbcray.training.settings import settings_of

    settings = settings_of(project, **changes)
    fresh = not (project.runs / check_name(name)).exists()
    folder = project.runs / name
    try:
        with driving(folder), decoding() as on_progress:
            run = open_run(project, name, settings, on_progress=on_progress)
            for domain, label, images in thin_classes(run.catalog, settings.folds):
                warn(
                    f"class '{label}' has {images} image{'s' * (images != 1)} in domain "
                    f"'{domain}', fewer than {settings.folds} folds: some folds cannot measure it"
                )
            yield Sitting(project=project, settings=settings, run=run)
    finally:
        if fresh:
            _remove_if_unused(folder)


def _remove_if_unused(folder: Path) -> None:
    """A run that never began leaves nothing behind."""
    if folder.exists() and not (folder / "run.json").exists():
        (folder / "driver.lock").unlink(missing_ok=True)
        folder.rmdir()


@contextmanager
def ray_for(run: Path, address: str | None, resources: "Resources") -> Iterator["ClusterFacts"]:
    """A Ray session, announced; its own output goes to a file in the run folder."""
    from wbcray.cluster.session import ray_session

    nested = resources.workers > 1
    with ray_session(address, log=run / "ray" / "ray.log", dashboard=nested) as cluster:
        where = "this machine" if cluster.address == "local" else f"the cluster {cluster.address}"
        gpus = f", {cluster.gpus:g} GPUs" if cluster.gpus else ""
        say(f"Ray on {where}: {cluster.cpus:g} CPUs{gpus}")
        yield cluster


def resources_of(cpus: int, gpus: float | None, workers: int) -> "Resources":
    """What a trial gets; without --gpus-per-trial, one GPU where there are any."""
    import torch

    from wbcray.cluster.plan import Resources

    found = 1.0 if torch.cuda.is_available() else 0.0
    return Resources(cpus=cpus, gpus=found if gpus is None else gpus, workers=workers)
