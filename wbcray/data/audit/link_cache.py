"""The pairs of images alike of a prepared data set, looked for once and then kept."""

from pathlib import Path
from typing import Any

from wbcray.core.digest import digest
from wbcray.core.errors import StoreError
from wbcray.data.audit import duplicates
from wbcray.data.audit.duplicates import Link, find_links
from wbcray.data.audit.signatures import sign_store
from wbcray.data.pixels import PixelStore
from wbcray.store.commit import read, replace

KIND = "duplicates"
_SEARCH = digest({"version": 1, "alike": duplicates.ALIKE, "near": duplicates.NEAR}, length=8)
"""Another search is another cache."""


def links_of(pixels: PixelStore, cache: Path) -> tuple[Link, ...]:
    """All pairs alike in the store, from the folder `cache` if they are known there.

    Raises:
        ResourceError: When the cache cannot be written.
        StoreError: When the pixels cannot be read.
    """
    path = cache / f"duplicates-{pixels.fingerprint}-{_SEARCH}.json"
    known = _read(path)
    if known is not None:
        return known
    found = find_links(sign_store(pixels))
    rows = [[link.first, link.second, round(link.likeness, 4), link.exact] for link in found]
    replace(path, KIND, {"links": rows})
    return _links(rows)


def _read(path: Path) -> tuple[Link, ...] | None:
    if not path.exists():
        return None
    try:
        return _links(read(path, KIND)["links"])
    except (StoreError, KeyError, TypeError, ValueError):
        return None  # a damaged cache is made anew


def _links(rows: list[list[Any]]) -> tuple[Link, ...]:
    return tuple(
        Link(first=int(first), second=int(second), likeness=float(likeness), exact=bool(exact))
        for first, second, likeness, exact in rows
    )
