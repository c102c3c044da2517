"""What a run folder says about its data, for reports: an overview, and what the audit found.

Both are caches: made when a run begins, and again where they are missing or damaged.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from wbcray.core.errors import StoreError
from wbcray.core.image_id import ImageIds, image_ids
from wbcray.core.project import Project
from wbcray.core.sample import Catalog, Sample
from wbcray.data.audit import thumbnails
from wbcray.data.audit.auditing import Audit
from wbcray.data.audit.overview import examples, overview
from wbcray.data.audit.payload import KIND as AUDIT
from wbcray.data.audit.payload import audit_payload
from wbcray.data.catalog import DomainReading
from wbcray.data.pixels import PixelStore
from wbcray.store.commit import read, replace
from wbcray.store.place import Place

OVERVIEW = "overview"
"""Kind of the record, and its file name without `.json`."""


def write_data_records(
    folder: Place,
    project: Project,
    readings: Sequence[DomainReading],
    found: Audit,
    pixels: PixelStore,
) -> None:
    """Write `overview.json` and `audit.json` of a run, unless they are there.

    Raises:
        DataError: For re-annotations that cannot be read.
        ResourceError: When the disk is full.
    """
    if not _is_there(folder / f"{OVERVIEW}.json", OVERVIEW, pixels.fingerprint):
        payload = _overview(project, found.catalog, readings, pixels)
        replace(folder / f"{OVERVIEW}.json", OVERVIEW, payload)
    if not _is_there(folder / f"{AUDIT}.json", AUDIT, pixels.fingerprint, named_by="id"):
        ids = image_ids(project.cache)
        replace(folder / f"{AUDIT}.json", AUDIT, _audit(found, pixels, ids))


def _is_there(path: Place, kind: str, fingerprint: str, **more: str) -> bool:
    """Whether the record says what it must; that of an earlier version calls images by files."""
    try:
        known = read(path, kind) if path.exists() else {}
    except StoreError:
        return False
    wanted = {"data_fingerprint": fingerprint, **more}
    return all(known.get(name) == value for name, value in wanted.items())


def _overview(
    project: Project, catalog: Catalog, readings: Sequence[DomainReading], pixels: PixelStore
) -> dict[str, Any]:
    facts = pixels.facts()
    places = examples(catalog, facts)
    pictures = _pictures(pixels, list(places.values()))
    return {
        "data_fingerprint": pixels.fingerprint,
        "classes": list(catalog.classes),
        "domains": [asdict(one) for one in overview(project, catalog, readings, facts)],
        "examples": [
            {"domain": domain, "class": label, "png": pictures[position]}
            for (domain, label), position in places.items()
        ],
    }


def _audit(found: Audit, pixels: PixelStore, ids: ImageIds) -> dict[str, Any]:
    positions = {sample: number for number, sample in enumerate(found.catalog.samples)}

    def pictures(samples: tuple[Sample, ...]) -> dict[Sample, str]:
        shown = _pictures(pixels, [positions[sample] for sample in samples])
        return {sample: shown[positions[sample]] for sample in samples}

    return {"data_fingerprint": pixels.fingerprint} | audit_payload(found, pictures, ids=ids)


def _pictures(pixels: PixelStore, positions: list[int]) -> dict[int, str]:
    images = pixels.gather(np.array(positions, dtype=np.int64))
    return {
        position: thumbnails.of_pixels(image)
        for position, image in zip(positions, images, strict=True)
    }
