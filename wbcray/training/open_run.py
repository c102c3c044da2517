"""From a project to a run folder that trials can work in, and back from the folder alone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from wbcray.core.digest import digest
from wbcray.core.project import Project
from wbcray.core.sample import Catalog, Sample
from wbcray.core.split import Split
from wbcray.data.catalog import read_catalog
from wbcray.data.folds import make_splits
from wbcray.data.pixels import DomainSource, PixelStore, Progress, View, open_prepared, prepare
from wbcray.store.commit import read, replace
from wbcray.store.run import begin_or_resume, check_name, load_splits, save_splits
from wbcray.training.settings import Settings
from wbcray.training.trial_data import TrialData

SYNTHETIC_MARK = "SYNTHETIC.json"
"""A file beside generated domains that says so; results on them are labelled everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run folder with its data at hand."""

    folder: Path
    catalog: Catalog
    splits: Mapping[str, Split]
    pixels: PixelStore
    weights_file: Path | None

    def data(self, held_out: str) -> TrialData:
        """What a trial on this held-out domain may look at."""
        return TrialData(
            catalog=self.catalog,
            split=self.splits[held_out],
            pixels=self.pixels,
            weights_file=self.weights_file,
        )


def open_run(
    project: Project,
    name: str,
    settings: Settings,
    *,
    on_progress: Progress | None = None,
) -> OpenRun:
    """Begin or resume the run `name` of a project: catalog, pixels, splits, identity.

    Raises:
        DataError: For data that cannot be used.
        RefusedError: When the run was begun with other data, splits or settings.
    """
    folder = project.runs / check_name(name)
    catalog = read_catalog(project.folders, project.classes)
    view = View(size=project.image_size, field_of_view_um=project.field_of_view)
    sources = {
        domain.name: DomainSource(root=domain.path, um_per_px=domain.um_per_px or 0.0)
        for domain in project.domains
    }
    splits = make_splits(catalog, folds=settings.folds, seed=settings.split_seed)
    pixels = prepare(catalog, sources, view, project.cache, on_progress=on_progress)
    identity = {
        "classes": list(catalog.classes),
        "domains": list(catalog.domains),
        "images": len(catalog.samples),
        "view": view.name,
        "data_fingerprint": pixels.fingerprint,
        "split": digest({name: asdict(split) for name, split in splits.items()}),
        "synthetic": any(_is_synthetic(domain.path) for domain in project.domains),
        **settings.identity(),
    }
    begin_or_resume(folder, identity)
    save_splits(folder, splits)
    weights = settings.weights_file
    # Paths on this machine: made anew at every sitting, so that project and cache may move.
    replace(folder / "data.json", "data", _data_json(catalog, pixels, view, weights))
    return OpenRun(
        folder=folder, catalog=catalog, splits=splits, pixels=pixels, weights_file=weights
    )


def load_run(folder: Path) -> OpenRun:
    """The run as a worker sees it: from its folder and the decoded pixels, without a project."""
    data = read(folder / "data.json", "data")
    catalog = Catalog(
        classes=tuple(data["classes"]),
        domains=tuple(data["domains"]),
        samples=tuple(
            Sample(path=path, label=data["classes"][label], domain=domain, patient=patient)
            for domain in data["domains"]
            for path, label, patient in data["samples"][domain]
        ),
    )
    view = View(size=data["size"], field_of_view_um=data["field_of_view_um"])
    pixels = open_prepared(catalog, [Path(path) for path in data["pixels"]], view)
    return OpenRun(
        folder=folder,
        catalog=catalog,
        splits=load_splits(folder),
        pixels=pixels,
        weights_file=Path(data["weights_file"]) if data["weights_file"] else None,
    )


def _data_json(
    catalog: Catalog, pixels: PixelStore, view: View, weights_file: Path | None
) -> dict[str, Any]:
    ids = {name: number for number, name in enumerate(catalog.classes)}
    samples: dict[str, list[Any]] = {domain: [] for domain in catalog.domains}
    for sample in catalog.samples:
        samples[sample.domain].append([sample.path, ids[sample.label], sample.patient])
    return {
        "classes": list(catalog.classes),
        "domains": list(catalog.domains),
        "samples": samples,
        "size": view.size,
        "field_of_view_um": view.field_of_view_um,
        "pixels": [str(path) for path in pixels.folders],
        "weights_file": str(weights_file) if weights_file else None,
    }


def _is_synthetic(domain: Path) -> bool:
    return any((folder / SYNTHETIC_MARK).exists() for folder in (domain, domain.parent))
