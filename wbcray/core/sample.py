"""One labelled image of one white blood cell, and where it is from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An image of one white blood cell.

    `path` is relative to the domain's folder, so that a data set may be moved.
    """

    path: str
    label: str
    domain: str
    patient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All samples of a run, in a fixed order that every index below refers to.

    `classes` and `domains` fix the meaning of the integer labels and domain ids.
    """

    samples: tuple[Sample, ...]
    classes: tuple[str, ...]
    domains: tuple[str, ...]

    def labels(self) -> tuple[int, ...]:
        """The class id of every sample."""
        ids = {name: number for number, name in enumerate(self.classes)}
        return tuple(ids[sample.label] for sample in self.samples)

    def domain_ids(self) -> tuple[int, ...]:
        """The domain id of every sample."""
        ids = {name: number for number, name in enumerate(self.domains)}
        return tuple(ids[sample.domain] for sample in self.samples)
