"""The audit as a whole: of files before any run, or of prepared pixels when a run begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wbcray.core.errors import DataError
from wbcray.core.project import Project
from wbcray.core.sample import Catalog
from wbcray.core.split import Split
from wbcray.data.audit.duplicates import Link, find_links, pairs_of
from wbcray.data.audit.finding import LEAKAGE, Finding
from wbcray.data.audit.findings import (
    finding_on_folds,
    findings_on_images,
    findings_on_numbers,
)
from wbcray.data.audit.leakage import Leakage, leakage
from wbcray.data.audit.reading import Progress, Unreadable, read_images
from wbcray.data.catalog import DomainReading, catalog_of, read_domain
from wbcray.data.folds import make_splits
from wbcray.data.prepared.sources import sources_of, view_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found, and what it was found in.

    Attributes:
        links: Pairs of images alike.
        leaks: Which of them cross a split.
        findings: Everything, the gravest first.
    """

    catalog: Catalog
    unreadable: tuple[Unreadable, ...]
    links: tuple[Link, ...]
    leaks: Leakage
    findings: tuple[Finding, ...]

    @property
    def leaking(self) -> bool:
        """Whether anything was found that crosses a split."""
        return any(finding.kind in LEAKAGE for finding in self.findings)


def audit_files(project: Project, *, on_progress: Progress | None = None) -> Audit:
    """Read every image of a project and look for what is wrong with it.

    Raises:
        DataError: For folders and labels that make no catalog.
        RefusedError: For a domain with a single class, unless the project allows it.
    """
    readings = [read_domain(domain, project) for domain in project.domains]
    catalog = catalog_of(project, readings)
    read = read_images(catalog, sources_of(project), view_of(project), on_progress=on_progress)
    places = read.positions.tolist()
    links = tuple(
        replace(link, first=places[link.first], second=places[link.second])
        for link in find_links(read.signatures)
    )
    plan = project.training
    problem: list[Finding] = []
    splits: Mapping[str, Split] = {}
    try:
        alike = pairs_of(links)
        splits = make_splits(catalog, folds=plan.folds, seed=plan.seed, alike=alike)
    except DataError as error:
        problem = [finding_on_folds(error)]
    found = audit(catalog, readings, splits, links, unreadable=read.unreadable, folds=plan.folds)
    return replace(found, findings=(*problem, *found.findings))


def audit(
    catalog: Catalog,
    readings: Sequence[DomainReading],
    splits: Mapping[str, Split],
    links: tuple[Link, ...],
    *,
    folds: int,
    unreadable: tuple[Unreadable, ...] = (),
) -> Audit:
    """What is wrong with images of which the pairs alike are known."""
    origins = {reading.domain.name: str(reading.domain.path) for reading in readings}
    leaks = leakage(catalog, splits, links, origins=origins)
    return Audit(
        catalog=catalog,
        unreadable=unreadable,
        links=links,
        leaks=leaks,
        findings=(
            *findings_on_images(catalog, unreadable, links, leaks),
            *findings_on_numbers(catalog, readings, folds),
        ),
    )
