"""What crosses the splits: one picture, or one patient, on both sides."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int8

from wbcray.core.sample import Catalog
from wbcray.core.split import Split
from wbcray.data.audit.duplicates import Link

_NOWHERE, _TRAIN, _VALIDATION, _TEST = range(4)

Sides = Int8[np.ndarray, " images"]
"""On which side each image of the catalog is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """What a network would be judged on although it had learned from it.

    Attributes:
        folds: Pairs within a domain, in training and validation of the same fold.
        domains: Pairs from two domains, on two sides of some split.
        patients: (origin, patient) on two sides of a split, the origin being the domain, or the
            table or data set that several domains are from.
    """

    folds: tuple[Link, ...]
    domains: tuple[Link, ...]
    patients: tuple[tuple[str, str], ...]

    @property
    def links(self) -> tuple[Link, ...]:
        """All pairs, those within domains first."""
        return (*self.folds, *self.domains)

    def __bool__(self) -> bool:
        return bool(self.links or self.patients)


def leakage(
    catalog: Catalog,
    splits: Mapping[str, Split],
    links: Sequence[Link],
    *,
    origins: Mapping[str, str] | None = None,
) -> Leakage:
    """What crosses any split; every split and fold is looked at, whoever made it.

    Args:
        catalog: The images.
        splits: Of every held-out domain.
        links: Pairs that show one picture.
        origins: Where each domain's patients were named (a table, a published data set): one name
            in two domains of the same origin is one person. Without it, no two domains share any.
    """
    named_in = origins or {}
    first = np.array([link.first for link in links], dtype=np.int64)
    second = np.array([link.second for link in links], dtype=np.int64)
    crosses = np.zeros(len(links), dtype=np.bool_)
    patients: set[tuple[str, str]] = set()
    named = any(sample.patient is not None for sample in catalog.samples)
    for sides in _all_sides(splits, len(catalog.samples)):
        one, other = sides[first], sides[second]
        crosses |= (one != other) & (one != _NOWHERE) & (other != _NOWHERE)
        if named:
            train, validation, test = (
                _patients(catalog, sides, side, named_in) for side in (_TRAIN, _VALIDATION, _TEST)
            )
            patients |= (train & validation) | ((train | validation) & test)
    leaks = [link for link, leaks in zip(links, crosses.tolist(), strict=True) if leaks]
    return Leakage(
        folds=tuple(link for link in leaks if _within(catalog, link)),
        domains=tuple(link for link in leaks if not _within(catalog, link)),
        patients=tuple(sorted(patients)),
    )


def patients_in_two_domains(catalog: Catalog) -> tuple[str, ...]:
    """Patients whose name occurs in more than one domain."""
    pairs = {(sample.domain, sample.patient) for sample in catalog.samples}
    domains = Counter(patient for _, patient in pairs if patient is not None)
    return tuple(sorted(patient for patient, number in domains.items() if number > 1))


def _within(catalog: Catalog, link: Link) -> bool:
    return catalog.samples[link.first].domain == catalog.samples[link.second].domain


def _all_sides(splits: Mapping[str, Split], images: int) -> Iterator[Sides]:
    for split in splits.values():
        for fold in split.folds:
            sides = np.full(images, _NOWHERE, dtype=np.int8)
            sides[list(fold.train)] = _TRAIN
            sides[list(fold.validation)] = _VALIDATION
            sides[list(split.test)] = _TEST
            yield sides


def _patients(
    catalog: Catalog, sides: Sides, side: int, origins: Mapping[str, str]
) -> set[tuple[str, str]]:
    """Patients on this side, by origin and name."""
    samples = (catalog.samples[position] for position in np.flatnonzero(sides == side).tolist())
    return {
        (origins.get(one.domain, one.domain), one.patient)
        for one in samples
        if one.patient is not None
    }
