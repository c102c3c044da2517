"""From a project to a run folder that trials can work in, and back from the folder alone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import Any

from wbcray.core.digest import digest, sha256_hex
from wbcray.core.domain import Domain
from wbcray.core.errors import DataError
from wbcray.core.project import Project
from wbcray.core.sample import Catalog, Sample
from wbcray.core.split import Split
from wbcray.data.audit.auditing import audit
from wbcray.data.audit.duplicates import pairs_of
from wbcray.data.audit.guard import LEAKAGE, lifted, refuse_leakage
from wbcray.data.audit.link_cache import links_of
from wbcray.data.catalog import catalog_of, image_root, read_domain
from wbcray.data.folds import make_splits
from wbcray.data.pixels import (
    DomainSource,
    PixelStore,
    Progress,
    View,
    open_or_prepare,
    prepare,
    sources_of,
    view_of,
)
from wbcray.data.synthetic.manifest import generators_of
from wbcray.store.commit import read, replace
from wbcray.store.place import Place, place_of
from wbcray.store.run import begin_or_resume, check_name, load_splits, save_splits
from wbcray.training.data_records import write_data_records
from wbcray.training.image_record import image_changes, image_record, keep_image_record
from wbcray.training.settings import Settings
from wbcray.training.trial_data import TrialData


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run folder with its data at hand."""

    folder: Place
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
        RefusedError: When the run was begun with other data, splits or settings; when one picture
            is on both sides of a split, unless the project allows it.
    """
    folder = place_of(project.runs) / check_name(name)
    readings = [read_domain(domain, project) for domain in project.domains]
    catalog = catalog_of(project, readings)
    view, sources = view_of(project), sources_of(project)
    pixels = prepare(catalog, sources, view, project.cache, on_progress=on_progress)
    links = links_of(pixels, project.cache)
    splits = make_splits(
        catalog, folds=settings.folds, seed=settings.split_seed, alike=pairs_of(links)
    )
    found = audit(catalog, readings, splits, links, folds=settings.folds)
    if LEAKAGE not in project.allow:
        listing = project.cache / f"leakage-{pixels.fingerprint}.csv"
        refuse_leakage(catalog, found.leaks, listing)
    generators = sorted(
        {name for domain in project.domains for name in _generators(domain, catalog)}
    )
    identity = {
        "classes": list(catalog.classes),
        "domains": list(catalog.domains),
        "images": len(catalog.samples),
        "view": view.name,
        "data_fingerprint": pixels.fingerprint,
        "split": digest({name: asdict(split) for name, split in splits.items()}),
        "synthetic": bool(generators),
        "generators": generators,
        "allowed": lifted(project.allow, catalog, found.leaks),
        **settings.identity(),
    }
    images = image_record(catalog, pixels, view)
    begin_or_resume(folder, identity, {"data_fingerprint": lambda: image_changes(folder, images)})
    save_splits(folder, splits)
    keep_image_record(folder, images)
    write_data_records(folder, project, readings, found, pixels)
    weights = settings.weights_file
    # Paths as they are now: made anew at every sitting, so that project and cache may move.
    data = _data_json(catalog, pixels, view, weights) | _sources_json(sources, project.cache)
    replace(folder / "data.json", "data", data)
    return OpenRun(
        folder=folder, catalog=catalog, splits=splits, pixels=pixels, weights_file=weights
    )


def load_run(folder: Place) -> OpenRun:
    """The run as a worker sees it: from its folder and the decoded pixels, without a project.

    It knows no patients: the folds are made, and a run folder is no place for names.

    A machine that lacks the decoded pixels decodes them into its own cache, from the images, which
    must lie at the same path everywhere.

    Raises:
        DataError: When the images are not there, or are not those that the run was begun with.
        StoreError: When the run or the decoded pixels are damaged.
    """
    data = read(folder / "data.json", "data")
    catalog = Catalog(
        classes=tuple(data["classes"]),
        domains=tuple(data["domains"]),
        samples=tuple(
            Sample(
                path=path, label=None if label is None else data["classes"][label], domain=domain
            )
            for domain in data["domains"]
            for path, label in data["samples"][domain]
        ),
    )
    view = View(size=data["size"], field_of_view_um=data["field_of_view_um"])
    sources = {
        name: DomainSource(root=Path(root), um_per_px=um_per_px)
        for name, (root, um_per_px) in data["sources"].items()
    }
    folders = [Path(path) for path in data["pixels"]]
    pixels = open_or_prepare(catalog, folders, sources, view, Path(data["cache"]))
    if _shown(pixels) != data["pixel_hash"]:
        raise DataError(
            "the images on this machine are not those that the run was begun with",
            where=", ".join(str(source.root) for source in sources.values()),
            fix="mount the same images at the same path on every machine",
        )
    return OpenRun(
        folder=folder,
        catalog=catalog,
        splits=load_splits(folder),
        pixels=replace_fields(pixels, fingerprint=data["data_fingerprint"]),
        weights_file=Path(data["weights_file"]) if data["weights_file"] else None,
    )


def _data_json(
    catalog: Catalog, pixels: PixelStore, view: View, weights_file: Path | None
) -> dict[str, Any]:
    ids: dict[str | None, int | None] = {name: n for n, name in enumerate(catalog.classes)}
    ids[None] = None
    samples: dict[str, list[Any]] = {domain: [] for domain in catalog.domains}
    for sample in catalog.samples:
        samples[sample.domain].append([sample.path, ids[sample.label]])
    return {
        "classes": list(catalog.classes),
        "domains": list(catalog.domains),
        "samples": samples,
        "size": view.size,
        "field_of_view_um": view.field_of_view_um,
        "pixels": [str(path) for path in pixels.folders],
        "data_fingerprint": pixels.fingerprint,
        "pixel_hash": _shown(pixels),
        "weights_file": str(weights_file) if weights_file else None,
    }


def _shown(pixels: PixelStore) -> str:
    """A hash of what all images show; the fingerprint also hangs on the patients' names."""
    return sha256_hex("".join(pixels.hashes()).encode())


def _sources_json(sources: Mapping[str, DomainSource], cache: Path) -> dict[str, Any]:
    described = {name: [str(one.root), one.um_per_px] for name, one in sources.items()}
    return {"sources": described, "cache": str(cache)}


def _generators(domain: Domain, catalog: Catalog) -> frozenset[str]:
    paths = (sample.path for sample in catalog.samples if sample.domain == domain.name)
    return generators_of(image_root(domain.path), paths)
