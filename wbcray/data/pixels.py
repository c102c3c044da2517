"""Decoded images on disk, once: what all trials of a machine read their pixels from.

`prepare` decodes what the cache lacks, a folder for each domain (see `wbcray.data.prepared`), and
opens the folders; `open_prepared` opens them without looking at the images they were made from.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from wbcray.core.digest import digest, sha256_hex
from wbcray.core.errors import DataError, ResourceError, StoreError
from wbcray.core.sample import Catalog, Sample
from wbcray.data.prepared.filling import Progress, UnusableImagesError, Wanted, fill
from wbcray.data.prepared.folder import PreparedFolder, open_folder
from wbcray.data.prepared.listing import Numbers, list_files
from wbcray.data.prepared.sources import (
    DomainSource,
    View,
    refuse_unknown_scales,
    sources_of,
    view_of,
)
from wbcray.data.prepared.store import PixelStore

__all__ = [
    "DomainSource",
    "PixelStore",
    "Progress",
    "View",
    "open_or_prepare",
    "open_prepared",
    "prepare",
    "sources_of",
    "view_of",
    "wanted_folders",
]

_SHOWN_PROBLEMS = 5
_SPARE_BYTES = 50_000_000
"""Room for the index, and for whoever else writes to the disk."""


def prepare(
    catalog: Catalog,
    sources: Mapping[str, DomainSource],
    view: View,
    cache: Path,
    *,
    on_progress: Progress | None = None,
) -> PixelStore:
    """The pixel store of `catalog`, decoding only what the cache does not have.

    Raises:
        DataError: For images that cannot be used, all of them together, leaving none of their
            domain behind; for a field of view in micrometres where a domain's scale is not known.
        ResourceError: When the cache cannot be written, e.g. on a full disk.
        StoreError: For a cache folder that was damaged.
    """
    folders = wanted_folders(catalog, sources, view, cache)
    _refuse_full_disk(folders, cache)
    problems: list[DataError] = []
    for wanted in folders:
        try:
            fill(wanted, on_progress)
        except UnusableImagesError as error:
            problems += error.problems
    if problems:
        raise _together(problems)
    return open_prepared(catalog, [wanted.folder for wanted in folders], view)


def wanted_folders(
    catalog: Catalog, sources: Mapping[str, DomainSource], view: View, cache: Path
) -> list[Wanted]:
    """The folders that hold or would hold the pixels of `catalog`, in its domain order.

    Raises:
        DataError: For a missing file, or a scale that is not known.
    """
    refuse_unknown_scales(sources, view)
    folders = []
    for domain, samples in _by_domain(catalog).items():
        files = list_files([sample.path for sample in samples], sources[domain])
        folder = cache / f"{domain}-{view.name}-{files.signature(view)}"
        folders.append(Wanted(domain=domain, files=files, view=view, folder=folder))
    return folders


def open_prepared(catalog: Catalog, folders: Sequence[Path], view: View) -> PixelStore:
    """The pixel store in folders that `prepare` made; reads no image file.

    A folder may hold more images than the catalog lists.

    Raises:
        StoreError: For a folder that is absent or damaged, or that lacks an image.
    """
    parts, rows, described = [], [], {}
    for (domain, samples), folder in zip(_by_domain(catalog).items(), folders, strict=True):
        part = open_folder(folder, view)
        chosen = _rows_of(samples, part)
        parts.append(part)
        rows.append(chosen)
        described[domain] = _described(samples, [part.hashes[row] for row in chosen.tolist()])
    lengths = [len(chosen) for chosen in rows]
    return PixelStore(
        parts=tuple(parts),
        starts=np.cumsum([0, *lengths[:-1]], dtype=np.int64),
        rows=np.concatenate(rows),
        fingerprint=digest({"view": view.name, "domains": described}, length=32),
    )


def open_or_prepare(
    catalog: Catalog,
    folders: Sequence[Path],
    sources: Mapping[str, DomainSource],
    view: View,
    cache: Path,
) -> PixelStore:
    """The pixel store in `folders`; decoded here, where this machine does not have them yet.

    Raises:
        DataError: As `prepare`, for images that this machine does not have either.
        ResourceError: As `prepare`.
        StoreError: As `open_prepared`.
    """
    if all(folder.exists() for folder in folders):
        return open_prepared(catalog, folders, view)
    return prepare(catalog, sources, view, cache)


def _by_domain(catalog: Catalog) -> dict[str, list[Sample]]:
    samples: dict[str, list[Sample]] = {domain: [] for domain in catalog.domains}
    for sample in catalog.samples:
        samples[sample.domain].append(sample)
    return samples


def _rows_of(samples: Sequence[Sample], part: PreparedFolder) -> Numbers:
    if len(samples) == len(part.paths) and all(
        sample.path == path for sample, path in zip(samples, part.paths, strict=True)
    ):
        return np.arange(len(samples), dtype=np.int64)
    rows = {path: row for row, path in enumerate(part.paths)}
    missing = [sample.path for sample in samples if sample.path not in rows]
    if missing:
        raise StoreError(
            f"the decoded pixels lack {len(missing)} of {len(samples)} images",
            where=f"{part.path}, the first is {missing[0]}",
            fix="prepare the data anew with `wbcray data prepare`",
        )
    return np.array([rows[sample.path] for sample in samples], dtype=np.int64)


def _described(samples: Sequence[Sample], hashes: Sequence[str]) -> list[str]:
    """A hash for each column of what identifies a domain's images."""
    columns = (
        [sample.path for sample in samples],
        [sample.label for sample in samples],
        [sample.patient for sample in samples],
        hashes,
    )
    return [_hash_of_texts(column) for column in columns]


def _hash_of_texts(texts: Sequence[str | None]) -> str:
    # the length before each text makes lists unambiguous; JSON takes thrice as long, and every
    # trial waits for this
    return sha256_hex("".join(f"{len(t)}:{t}" if t is not None else "-" for t in texts).encode())


def _refuse_full_disk(folders: Sequence[Wanted], cache: Path) -> None:
    """Before an hour is spent on what cannot be kept."""
    needed = sum(wanted.missing_bytes for wanted in folders)
    there = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if needed and needed + _SPARE_BYTES > free:
        raise ResourceError(
            f"the decoded pixels need about {needed / 1e9:.3g} GB, "
            f"and {free / 1e9:.3g} GB are free",
            where=str(cache),
            fix="free space, set `cache:` in wbcray.yaml to a larger disk, or choose a smaller "
            "`image: size`; `wbcray data prepare --prune` removes what is out of date",
        )


def _together(problems: Sequence[DataError]) -> DataError:
    """One error for all images that cannot be used."""
    if len(problems) == 1:
        return problems[0]
    shown = [f"\n  {problem.where}: {problem.what}" for problem in problems[:_SHOWN_PROBLEMS]]
    rest = len(problems) - len(shown)
    more = f"\n  and {rest} more" if rest else ""
    return DataError(
        f"{len(problems)} images cannot be used:{''.join(shown)}{more}",
        where=problems[0].where,
        fix=f"{problems[0].fix}; `ignore:` under a domain in wbcray.yaml leaves images out",
    )
