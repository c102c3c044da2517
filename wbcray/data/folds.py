"""Divide source domains into folds, the same way for every method and every held-out domain.

Each domain is divided by itself, so that its folds do not depend on which other domain is held
out. Classes are stratified. No patient is on two sides, and no picture: images that are alike (a
copy, or one leukocyte photographed twice) go into one fold. Images without a label can be held out,
but nothing learns from them.
"""

import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int32, Int64

from wbcray.core.errors import DataError
from wbcray.core.sample import Catalog
from wbcray.core.seeding import derive_seed
from wbcray.core.split import Fold, Split

Positions = Int64[np.ndarray, " _"]
Groups = Int32[np.ndarray, " images"]
"""The number of each image's group."""


def make_splits(
    catalog: Catalog, *, folds: int, seed: int, alike: Sequence[tuple[int, int]] = ()
) -> dict[str, Split]:
    """One split per domain to hold out; domains without labels are sources of none.

    Args:
        catalog: The images.
        folds: Parts of each domain.
        seed: Of the shuffling.
        alike: Pairs of catalog positions that show one picture, also by way of others. Within a
            domain such images are kept in one fold; across domains they are no matter of folds.

    Raises:
        DataError: Where a domain cannot be divided into `folds` parts.
    """
    together = _together(catalog, alike)
    parts = {
        domain: _divide(catalog, domain, folds, seed, together)
        for domain in catalog.labelled_domains
    }
    return {held_out: _split(catalog, held_out, parts, folds) for held_out in catalog.domains}


def thin_classes(catalog: Catalog, folds: int) -> list[tuple[str, str, int]]:
    """Pairs (domain, class, images) that some fold's validation part must miss."""
    counts = Counter(
        (sample.domain, sample.label) for sample in catalog.samples if sample.label is not None
    )
    return [(domain, label, n) for (domain, label), n in sorted(counts.items()) if n < folds]


def _positions(catalog: Catalog, domain: str) -> Positions:
    places = [i for i, sample in enumerate(catalog.samples) if sample.domain == domain]
    return np.array(places, dtype=np.int64)


def _together(catalog: Catalog, alike: Sequence[tuple[int, int]]) -> Groups:
    """Which images must stay together: those of a domain's patient, those of a picture.

    Over all domains at once, because copies in one domain may be linked by a copy in another only.
    """
    # here, because a trial finds its folds recorded
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = list(alike)
    first_of: dict[tuple[str, str], int] = {}
    for position, sample in enumerate(catalog.samples):
        if sample.patient is not None:
            first = first_of.setdefault((sample.domain, sample.patient), position)
            edges.append((first, position))
    rows, columns = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    shape = (len(catalog.samples),) * 2
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=shape)
    _, groups = connected_components(graph, directed=False)
    return np.asarray(groups)


def _divide(
    catalog: Catalog, domain: str, folds: int, seed: int, together: Groups
) -> list[tuple[int, ...]]:
    """The validation parts of one domain."""
    # seconds to import, and a worker finds the folds recorded
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    labelled = [i for i in _positions(catalog, domain) if catalog.samples[i].label is not None]
    positions = np.array(labelled, dtype=np.int64)
    labels = [str(catalog.samples[i].label) for i in positions]
    patients = any(catalog.samples[i].patient for i in positions)
    groups = together[positions]
    _check_divisible(domain, labels, groups, folds)
    # a picture that fills a fold by itself must be reckoned with from the start
    grouped = patients or np.unique(groups, return_counts=True)[1].max() > len(groups) // folds
    state = derive_seed(seed, "split", domain) % 2**32
    with warnings.catch_warnings():
        # Thin classes are normal here; thin_classes() reports them by name and number.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        if grouped:
            by_group = StratifiedGroupKFold(folds, shuffle=True, random_state=state)
            parts = [validation for _, validation in by_group.split(labels, labels, groups)]
        else:
            plain = StratifiedKFold(folds, shuffle=True, random_state=state)
            parts = [validation for _, validation in plain.split(labels, labels)]
            parts = _after_the_first(parts, groups)
    _refuse_empty(domain, parts)
    return [tuple(int(i) for i in positions[part]) for part in parts]


def _after_the_first(parts: list[Positions], groups: Groups) -> list[Positions]:
    """The parts with every image moved to where the first one of its group is.

    So data without copies are divided as if nobody had looked for any.
    """
    part_of = np.empty(len(groups), dtype=np.int64)
    for number, part in enumerate(parts):
        part_of[part] = number
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    part_of = part_of[first[group]]
    return [np.flatnonzero(part_of == number) for number in range(len(parts))]


def _check_divisible(domain: str, labels: list[str], groups: Groups, folds: int) -> None:
    largest_class, images = Counter(labels).most_common(1)[0]
    if images < folds:
        raise DataError(
            f"domain '{domain}' cannot be divided into {folds} folds: its largest class "
            f"'{largest_class}' has {images} images",
            where=f"domain '{domain}'",
            fix=_fewer_folds(images),
        )
    # an image without a patient and without a copy is a group of its own
    number = len(np.unique(groups))
    if number < folds:
        raise DataError(
            f"domain '{domain}' has {number} different patients or pictures, fewer than {folds} "
            "folds",
            where=f"domain '{domain}'",
            fix=_fewer_folds(number),
        )


def _refuse_empty(domain: str, parts: Sequence[Positions]) -> None:
    filled = sum(len(part) > 0 for part in parts)
    if filled < len(parts):
        raise DataError(
            f"domain '{domain}' fills {filled} of {len(parts)} folds: so many of its images are of "
            "one patient or picture, which stay together",
            where=f"domain '{domain}'",
            fix=_fewer_folds(filled),
        )


def _fewer_folds(most: int) -> str:
    others = "leave the domain out, or add images to it"
    return f"use --folds {most} or fewer, {others}" if most > 1 else others


def _split(
    catalog: Catalog, held_out: str, parts: dict[str, list[tuple[int, ...]]], folds: int
) -> Split:
    sources = tuple(domain for domain in parts if domain != held_out)
    made = []
    for number in range(folds):
        validation = sorted(i for domain in sources for i in parts[domain][number])
        train = sorted(
            i
            for domain in sources
            for other in range(folds)
            if other != number
            for i in parts[domain][other]
        )
        made.append(Fold(number=number, train=tuple(train), validation=tuple(validation)))
    test = tuple(int(i) for i in _positions(catalog, held_out))
    return Split(held_out=held_out, sources=sources, folds=tuple(made), test=test)
