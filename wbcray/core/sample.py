"""One image of one white blood cell, how it is labelled, and where it is from."""

from dataclasses import dataclass

UNLABELLED = -1
"""The class id of an image without a label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An image of one white blood cell.

    `path` is relative to the domain's folder, so that a data set may be moved; `label` is None
    where nobody has said what the image shows.
    """

    path: str
    label: str | None
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
        """The class id of every sample, `UNLABELLED` for one without a label."""
        ids: dict[str | None, int] = {name: number for number, name in enumerate(self.classes)}
        ids[None] = UNLABELLED
        return tuple(ids[sample.label] for sample in self.samples)

    def domain_ids(self) -> tuple[int, ...]:
        """The domain id of every sample."""
        ids = {name: number for number, name in enumerate(self.domains)}
        return tuple(ids[sample.domain] for sample in self.samples)

    @property
    def labelled_domains(self) -> tuple[str, ...]:
        """The domains that have an image with a label, and so can be learned from."""
        known = {sample.domain for sample in self.samples if sample.label is not None}
        return tuple(name for name in self.domains if name in known)
