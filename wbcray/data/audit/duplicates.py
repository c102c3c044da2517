"""Find images that show the same picture: equal in every pixel, or alike in any orientation."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float16, Float32, Int64, UInt64
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has no type hints

from wbcray.core.machine import cores
from wbcray.data.audit.signatures import Signatures
from wbcray.data.audit.spectrum import ORIENTATIONS, hashes, oriented

ALIKE = 0.86
"""Correlation of detail from which two images are the same picture. Copies (re-encoded down to
quality 30, half to double size, any orientation, 10 % brighter or darker) lie above it, the most
alike of different cells below; `tests/data/audit/test_recall.py` measures both."""
NEAR = 14
"""Bits of 64 in which the hashes of candidates may differ."""

_BLOCK = 2_000_000
"""Pairs of hashes compared at once: 16 MB, which stay in a processor's cache for a while."""
_HASHED_AT_ONCE = 4096
_CONFIRMED_AT_ONCE = 2048

Pairs = Int64[np.ndarray, "pairs 2"]
Spectra16 = Float16[np.ndarray, "images 32 32"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two images of the same picture, by position; the earlier one first.

    `likeness` is the correlation of their detail in the best orientation, 1 for equal pixels.
    """

    first: int
    second: int
    likeness: float
    exact: bool


def pairs_of(links: Sequence[Link]) -> list[tuple[int, int]]:
    """The positions that the links join."""
    return [(link.first, link.second) for link in links]


def find_links(signatures: Signatures) -> tuple[Link, ...]:
    """All pairs of images alike, in order of position.

    Of several equal images each is linked to the first only, and only that one is compared with
    images that are not equal.
    """
    equal, first_of = [], dict[str, int]()
    for position, digest in enumerate(signatures.digests):
        first = first_of.setdefault(digest, position)
        if first != position:
            equal.append(Link(first=first, second=position, likeness=1.0, exact=True))
    compared = np.array(
        [position for position in first_of.values() if not signatures.plain[position]],
        dtype=np.int64,
    )
    near = _near(signatures, compared)
    return tuple(sorted([*equal, *near], key=lambda link: (link.first, link.second)))


def groups(links: Sequence[Link]) -> list[tuple[int, ...]]:
    """Sets of positions that links join, directly or by way of others, each sorted."""
    if not links:
        return []
    # here, because a trial looks for no duplicates
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = np.array([(link.first, link.second) for link in links], dtype=np.int64)
    members, places = np.unique(ends, return_inverse=True)
    first, second = places.reshape(-1, 2).T
    shape = (len(members), len(members))
    graph = coo_array((np.ones(len(links), dtype=np.int8), (first, second)), shape=shape)
    _, names = connected_components(graph, directed=False)
    found: dict[int, list[int]] = {}
    for member, name in zip(members.tolist(), names.tolist(), strict=True):
        found.setdefault(name, []).append(member)
    return sorted(tuple(group) for group in found.values())


def _near(signatures: Signatures, compared: Int64[np.ndarray, " compared"]) -> list[Link]:
    seen = signatures.spectra[compared]
    turned = [_codes(seen, orientation) for orientation in range(ORIENTATIONS)]
    best: dict[tuple[int, int], float] = {}
    # one thread per product: with the pool's threads on top, BLAS would get in its own way
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(cores()) as pool:
        parts = pool.map(lambda rows: _confirmed(seen, turned, rows), _blocks(len(compared)))
        for part in parts:
            for pair, likeness in part:
                best[pair] = max(likeness, best.get(pair, 0.0))
    return [
        Link(
            first=int(compared[first]),
            second=int(compared[second]),
            likeness=min(likeness, 1.0),
            exact=False,
        )
        for (first, second), likeness in best.items()
    ]


def _codes(seen: Spectra16, orientation: int) -> UInt64[np.ndarray, " images"]:
    """The hash of every image in this orientation."""
    parts = [
        hashes(oriented(seen[start : start + _HASHED_AT_ONCE].astype(np.float32), orientation))
        for start in range(0, len(seen), _HASHED_AT_ONCE)
    ]
    return np.concatenate([np.empty(0, np.uint64), *parts])


def _blocks(images: int) -> Iterator[slice]:
    """Rows of the triangle of pairs, about `_BLOCK` pairs each."""
    start = 0
    while start < images - 1:
        stop = min(images, start + max(1, _BLOCK // (images - start)))
        yield slice(start, stop)
        start = stop


def _confirmed(
    seen: Spectra16, turned: list[UInt64[np.ndarray, " images"]], rows: slice
) -> list[tuple[tuple[int, int], float]]:
    """Pairs alike whose first image is one of `rows`."""
    found = []
    for orientation, codes in enumerate(turned):
        differing = np.bitwise_count(codes[rows, None] ^ turned[0][None, rows.start :])
        first, second = np.nonzero(differing <= NEAR)
        pairs = np.stack([first, second], axis=1)[second > first] + rows.start
        for start in range(0, len(pairs), _CONFIRMED_AT_ONCE):
            some = pairs[start : start + _CONFIRMED_AT_ONCE]
            likeness = _likeness(seen, some, orientation)
            chosen = np.flatnonzero(likeness >= ALIKE)
            found += [((int(some[k, 0]), int(some[k, 1])), float(likeness[k])) for k in chosen]
    return found


def _likeness(seen: Spectra16, pairs: Pairs, orientation: int) -> Float32[np.ndarray, " pairs"]:
    first = oriented(seen[pairs[:, 0]].astype(np.float32), orientation)
    second = seen[pairs[:, 1]].astype(np.float32)
    likeness: Float32[np.ndarray, " pairs"] = np.einsum("puv,puv->p", first, second)
    return likeness
