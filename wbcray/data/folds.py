"""Divide source domains into folds, the same way for every method and every held-out domain.

Each domain is divided by itself, so that its folds do not depend on which other domain is held
out. Classes are stratified; with a patient column, no patient is on two sides.
"""

import warnings
from collections import Counter

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from wbcray.core.errors import DataError
from wbcray.core.sample import Catalog
from wbcray.core.seeding import derive_seed
from wbcray.core.split import Fold, Split


def make_splits(catalog: Catalog, *, folds: int, seed: int) -> dict[str, Split]:
    """One split per domain to hold out.

    Raises:
        DataError: Where a domain cannot be divided into `folds` parts.
    """
    parts = {domain: _divide(catalog, domain, folds, seed) for domain in catalog.domains}
    return {held_out: _split(catalog, held_out, parts, folds) for held_out in catalog.domains}


def thin_classes(catalog: Catalog, folds: int) -> list[tuple[str, str, int]]:
    """Pairs (domain, class, images) that some fold's validation part must miss."""
    counts = Counter((sample.domain, sample.label) for sample in catalog.samples)
    return [(domain, label, n) for (domain, label), n in sorted(counts.items()) if n < folds]


def _positions(catalog: Catalog, domain: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array([i for i, s in enumerate(catalog.samples) if s.domain == domain], dtype=int)


def _divide(catalog: Catalog, domain: str, folds: int, seed: int) -> list[tuple[int, ...]]:
    """The validation parts of one domain."""
    positions = _positions(catalog, domain)
    samples = [catalog.samples[i] for i in positions]
    labels = [sample.label for sample in samples]
    patients = [sample.patient for sample in samples]
    _check_divisible(domain, labels, patients, folds)
    state = derive_seed(seed, "split", domain) % 2**32
    with warnings.catch_warnings():
        # Thin classes are normal here; thin_classes() reports them by name and number.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        if any(patients):
            groups = [p or f"image:{s.path}" for p, s in zip(patients, samples, strict=True)]
            grouped = StratifiedGroupKFold(folds, shuffle=True, random_state=state)
            parts = [validation for _, validation in grouped.split(labels, labels, groups)]
        else:
            plain = StratifiedKFold(folds, shuffle=True, random_state=state)
            parts = [validation for _, validation in plain.split(labels, labels)]
    return [tuple(int(i) for i in positions[part]) for part in parts]


def _check_divisible(
    domain: str, labels: list[str], patients: list[str | None], folds: int
) -> None:
    largest_class, images = Counter(labels).most_common(1)[0]
    if images < folds:
        raise DataError(
            f"domain '{domain}' cannot be divided into {folds} folds: its largest class "
            f"'{largest_class}' has {images} images",
            where=f"domain '{domain}'",
            fix=_fewer_folds(images),
        )
    # an image without a patient is a group of its own
    groups = len({patient for patient in patients if patient}) + patients.count(None)
    if groups < folds:
        raise DataError(
            f"domain '{domain}' has {groups} patients, fewer than {folds} folds",
            where=f"domain '{domain}'",
            fix=_fewer_folds(groups),
        )


def _fewer_folds(most: int) -> str:
    others = "leave the domain out, or add images to it"
    return f"use --folds {most} or fewer, {others}" if most > 1 else others


def _split(
    catalog: Catalog, held_out: str, parts: dict[str, list[tuple[int, ...]]], folds: int
) -> Split:
    sources = tuple(domain for domain in catalog.domains if domain != held_out)
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
