"""From the domains of a project to one catalog: every image, its class, its domain, its patient."""

from collections import Counter
from collections.abc import Sequence

from wbcray.core.domain import Domain
from wbcray.core.errors import DataError, RefusedError, did_you_mean
from wbcray.core.project import Project
from wbcray.core.sample import Catalog
from wbcray.data.domain_layout import layout_of
from wbcray.data.domain_reading import DomainReading, image_root, read_domain
from wbcray.data.table_domain import table_has_labels

__all__ = [
    "DomainReading",
    "catalog_of",
    "classes_without_images",
    "has_labels",
    "image_root",
    "read_catalog",
    "read_domain",
    "scale_of",
]


def read_catalog(project: Project) -> Catalog:
    """The catalog of a project, sorted by domain and path.

    Raises:
        DataError: For images or labels that cannot be used as they are.
        RefusedError: For a domain with a single class, unless the project allows it.
        UsageError: For a layout, part or mapping that does not exist.
    """
    return catalog_of(project, [read_domain(domain, project) for domain in project.domains])


def catalog_of(project: Project, readings: Sequence[DomainReading]) -> Catalog:
    """The catalog of what was found in the project's domains.

    Raises:
        DataError: For fewer than two domains with labels, a class without any image, or an image
            that is in two domains.
        RefusedError: For a domain with a single class, unless the project allows it.
    """
    ordered = sorted(readings, key=lambda reading: reading.domain.name)
    catalog = Catalog(
        samples=tuple(sample for reading in ordered for sample in reading.samples),
        classes=project.classes,
        domains=tuple(reading.domain.name for reading in ordered),
    )
    _refuse_too_few_domains(catalog, project)
    _refuse_shared_images(ordered)
    if project.label_space is None:
        _refuse_classes_without_images(catalog, project)
    if "single_class" not in project.allow:
        _refuse_single_class(catalog, project)
    return catalog


def classes_without_images(catalog: Catalog) -> tuple[str, ...]:
    """Classes that no image of any domain bears, and that no training can learn."""
    found = {sample.label for sample in catalog.samples}
    return tuple(name for name in catalog.classes if name not in found)


def has_labels(domain: Domain) -> bool:
    """Whether the domain's images are labelled, without a look at the images.

    Raises:
        DataError: For a CSV file that cannot be read.
        UsageError: For a layout or part that does not exist.
    """
    published = layout_of(domain)
    if published is not None:
        return published.part.label_from != "nowhere"
    return not domain.path.is_file() or table_has_labels(domain)


def scale_of(domain: Domain) -> float | None:
    """Micrometres per pixel: as the project says, else as published; None where neither does.

    Raises:
        UsageError: For a layout or part that does not exist.
    """
    published = layout_of(domain)
    if domain.um_per_px is not None or published is None:
        return domain.um_per_px
    return None if published.part.px_per_um is None else 1 / published.part.px_per_um


def _refuse_too_few_domains(catalog: Catalog, project: Project) -> None:
    labelled = catalog.labelled_domains
    if len(labelled) >= 2:  # noqa: PLR2004  # one to learn from, one to measure on
        return
    without = [name for name in catalog.domains if name not in labelled]
    aside = f", and {', '.join(without)} without labels" if without else ""
    raise DataError(
        f"found {len(labelled)} domain ({', '.join(labelled) or 'none'}){aside}; "
        "holding one out needs at least 2 with labels",
        where=f"{project.path}, `domains:`",
        fix="add a folder under `domains:`; expected layout: domain/class/image.png",
    )


def _refuse_shared_images(readings: Sequence[DomainReading]) -> None:
    owner: dict[str, str] = {}
    for reading in readings:
        root = image_root(reading.domain.path)
        for sample in reading.samples:
            first = owner.setdefault(str(root / sample.path), sample.domain)
            if first != sample.domain:
                raise DataError(
                    f"image '{sample.path}' is in two domains, '{first}' and '{sample.domain}'",
                    where=str(root),
                    fix="say by `part` or `select` which images are whose, or remove a domain",
                )


def _refuse_classes_without_images(catalog: Catalog, project: Project) -> None:
    found = {sample.label for sample in catalog.samples if sample.label is not None}
    for name in classes_without_images(catalog):
        raise DataError(
            f"class '{name}' has no image in any domain",
            where=f"{project.path}, `classes:`",
            fix=f"{did_you_mean(name, found)}; remove it from `classes:`, or add its images",
        )


def _refuse_single_class(catalog: Catalog, project: Project) -> None:
    lines = {domain.name: domain.where for domain in project.domains}
    pairs = {(sample.domain, sample.label) for sample in catalog.samples}
    classes = Counter(domain for domain, label in pairs if label is not None)
    for domain, label in sorted(pairs, key=str):
        if label is not None and classes[domain] == 1:
            raise RefusedError(
                f"domain '{domain}' has only the class '{label}'; macro F1 means nothing there",
                where=lines[domain],
                fix="leave the domain out, add images of other classes, or lift the guard rail "
                "with `allow: [single_class]`",
            )
