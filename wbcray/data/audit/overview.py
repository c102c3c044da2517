"""What the data are: numbers of images, sizes, colours, patients and readers' agreement."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wbcray.core.project import Project
from wbcray.core.sample import Catalog
from wbcray.data.catalog import DomainReading, image_root
from wbcray.data.layouts.load import load_layout
from wbcray.data.layouts.reannotations import Agreement, read_reannotations
from wbcray.data.vocabulary import vocabulary_of

if TYPE_CHECKING:
    import pandas as pd

_COLOURS = ["mean_r", "mean_g", "mean_b"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Smallest, median and largest of a size, pixels."""

    least: int
    median: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainOverview:
    """What one domain is.

    Attributes:
        name: Of the domain.
        images: How many there are.
        counts: Images of every class; 0 where there happen to be none, None where there can be
            none because no label of the published data set means the class, and where nobody
            knows because no image has a label.
        unlabelled: Images without a label.
        left_out: Raw label -> images that have no class in the run.
        patients: How many are named, None where none is.
        width: Of the pictures in the files.
        height: Likewise.
        mean_rgb: Mean over images of their mean red, green and blue, 0 .. 255.
        sd_rgb: Standard deviation over images of the same.
        agreements: Between readers, where the data set has re-annotations.
    """

    name: str
    images: int
    counts: Mapping[str, int | None]
    unlabelled: int
    left_out: Mapping[str, int]
    patients: int | None
    width: Range
    height: Range
    mean_rgb: tuple[float, float, float]
    sd_rgb: tuple[float, float, float]
    agreements: tuple[Agreement, ...]


def overview(
    project: Project, catalog: Catalog, readings: Sequence[DomainReading], facts: "pd.DataFrame"
) -> tuple[DomainOverview, ...]:
    """An overview of every domain, in catalog order.

    Args:
        project: Whose classes the labels mean.
        catalog: The images.
        readings: What they were read from.
        facts: Sizes and mean colours in catalog order, as `PixelStore.facts` gives them.

    Raises:
        DataError: For re-annotations that cannot be read.
    """
    domains = np.array(catalog.domain_ids())
    by_name = {reading.domain.name: reading for reading in readings}
    return tuple(
        _of_domain(project, by_name[name], facts[domains == number])
        for number, name in enumerate(catalog.domains)
    )


def examples(catalog: Catalog, facts: "pd.DataFrame") -> dict[tuple[str, str], int]:
    """The catalog position of a typical image of every domain and class.

    Typical is the image whose mean colour is nearest to the median of its domain and class.
    """
    colours = facts[_COLOURS].to_numpy(dtype=np.float64)
    places: dict[tuple[str, str], list[int]] = {}
    for position, sample in enumerate(catalog.samples):
        if sample.label is not None:
            places.setdefault((sample.domain, sample.label), []).append(position)
    found = {}
    for pair, positions in places.items():
        some = colours[positions]
        away = np.linalg.norm(some - np.median(some, axis=0), axis=1)
        found[pair] = positions[int(np.argmin(away))]
    return found


def _of_domain(project: Project, reading: DomainReading, facts: "pd.DataFrame") -> DomainOverview:
    counts = Counter(sample.label for sample in reading.samples)
    possible = _possible_classes(project, reading)
    patients = {sample.patient for sample in reading.samples} - {None}
    colours = facts[_COLOURS].to_numpy(dtype=np.float64)
    return DomainOverview(
        name=reading.domain.name,
        images=len(reading.samples),
        counts={
            name: counts[name] or (0 if name in possible else None) for name in project.classes
        },
        unlabelled=counts[None],
        left_out=reading.left_out,
        patients=len(patients) or None,
        width=_range(facts["width"]),
        height=_range(facts["height"]),
        mean_rgb=_triple(colours.mean(axis=0)),
        sd_rgb=_triple(colours.std(axis=0)),
        agreements=_agreements(reading),
    )


def _possible_classes(project: Project, reading: DomainReading) -> frozenset[str]:
    """Classes that some label of the domain could mean; all, where labels are free."""
    if all(sample.label is None for sample in reading.samples):
        return frozenset()
    if reading.domain.layout is None:
        return frozenset(project.classes)
    mapping = load_layout(reading.domain.layout).mapping(reading.domain.mapping)
    vocabulary = vocabulary_of(project, reading.domain.label_map, mapping)
    found = set()
    for label in mapping:
        try:
            found.add(vocabulary.class_of(label))
        except LookupError:  # it has no class here, which matters only if an image bears it
            continue
    return frozenset(name for name in found if name is not None)


def _agreements(reading: DomainReading) -> tuple[Agreement, ...]:
    if reading.domain.layout is None:
        return ()
    layout = load_layout(reading.domain.layout)
    found = read_reannotations(layout, image_root(reading.domain.path))
    return tuple(one for one in found.agreements() if one.images) if found is not None else ()


def _range(values: "pd.Series[int]") -> Range:
    return Range(least=int(values.min()), median=int(values.median()), most=int(values.max()))


def _triple(values: Any) -> tuple[float, float, float]:
    red, green, blue = (round(float(value), 1) for value in values)
    return red, green, blue
