"""The images a run was begun with, one by one: so that a refusal can name those that changed.

`images.json` lies beside `data.json`. Both hold file names, so neither belongs into anything that
is handed on; of a patient there is only a hash.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from wbcray.core.digest import digest
from wbcray.core.sample import Catalog, Sample
from wbcray.data.pixels import PixelStore, View
from wbcray.store.commit import replace
from wbcray.store.intact import read_intact
from wbcray.store.place import Place

KIND = "images"
"""Kind of the record, and its file name without `.json`."""

_HASH = 16
"""Digits kept of a pixel hash: enough to see a change, a quarter of the file."""

_SHOWN = 3

_WAYS = ("other pixels", "another label", "another patient")
"""How an image of the same name can differ, in the order of what is recorded of it."""

Listing = Mapping[str, Sequence[Sequence[str | None]]]
"""By domain: name, pixels, label and patient of each image."""


def image_record(catalog: Catalog, pixels: PixelStore, view: View) -> dict[str, Any]:
    """What is recorded of the images, as plain JSON values."""
    listing: dict[str, list[list[str | None]]] = {domain: [] for domain in catalog.domains}
    for sample, shown in zip(catalog.samples, pixels.hashes(), strict=True):
        listing[sample.domain].append([sample.path, shown[:_HASH], sample.label, _patient(sample)])
    return {"data_fingerprint": pixels.fingerprint, "view": view.name, "domains": listing}


def keep_image_record(folder: Place, now: Mapping[str, Any]) -> None:
    """Write `images.json` unless it is there and intact; `now` has the run's own fingerprint.

    Raises:
        ResourceError: When the disk is full.
    """
    path = folder / f"{KIND}.json"
    found = read_intact(path, KIND)
    if found is None or found["data_fingerprint"] != now["data_fingerprint"]:
        replace(path, KIND, now)


def image_changes(folder: Place, now: Mapping[str, Any]) -> str:
    """Which images are not those that the run in `folder` was begun with; empty if not known."""
    before = read_intact(folder / f"{KIND}.json", KIND)
    if before is None:
        return ""
    if before["view"] != now["view"]:
        return f"every image is decoded anew: {before['view']} -> {now['view']}"
    listings: tuple[Listing, Listing] = before["domains"], now["domains"]
    domains = dict.fromkeys((*listings[0], *listings[1]))
    found = {name: _of_domain(*(one.get(name, ()) for one in listings)) for name in domains}
    number = sum(len(names) for ways in found.values() for names in ways.values())
    if not number:
        return "the same images in another order"
    told = [
        f"{domain}: {len(names)} {way}: {_shown(names)}"
        for domain, ways in found.items()
        for way, names in ways.items()
        if names
    ]
    return f"{number} image{'s' * (number != 1)} changed: {'; '.join(told)}"


def _of_domain(
    before: Sequence[Sequence[str | None]], now: Sequence[Sequence[str | None]]
) -> dict[str, list[str]]:
    """Names of images by what became of them, each image once."""
    old, new = ({str(name): rest for name, *rest in rows} for rows in (before, now))
    ways: dict[str, list[str]] = {
        "added": [name for name in new if name not in old],
        "removed": [name for name in old if name not in new],
    }
    for name in new:
        if name in old and old[name] != new[name]:
            differ = zip(_WAYS, old[name], new[name], strict=True)
            way = next(way for way, was, is_now in differ if was != is_now)
            ways.setdefault(f"with {way}", []).append(name)
    return ways


def _shown(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _patient(sample: Sample) -> str | None:
    return None if sample.patient is None else digest(sample.patient)
