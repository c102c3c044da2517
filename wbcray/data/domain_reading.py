"""Read one domain: a published data set, a CSV file, or a folder of class folders."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbcray.core.domain import Domain
from wbcray.core.errors import DataError
from wbcray.core.project import Project
from wbcray.core.sample import Sample
from wbcray.data.cleaning import keep_clean
from wbcray.data.domain_layout import DomainLayout, layout_of
from wbcray.data.folders import (
    class_folders,
    contents,
    no_images,
    refuse_odd_names,
    refuse_unreadable,
)
from wbcray.data.ignore import Ignored
from wbcray.data.layouts.locate import locate
from wbcray.data.listed import Listed, counted
from wbcray.data.table_domain import rows_of_domain
from wbcray.data.vocabulary import Vocabulary, vocabulary_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainReading:
    """What was found of one domain.

    Attributes:
        domain: As the project describes it.
        samples: The images that the run uses, sorted by path.
        codes: Raw label -> images, those that are left out included; empty without labels.
        left_out: Raw label -> images that are not used, as their label has no class here.
        cleaned: Images that the domain's `clean` rule dropped.
        unlisted: Images beside those of a CSV file that it does not list.
        cleaning: Key of the cleaning rule's measurement in the cache; empty without a rule.
    """

    domain: Domain
    samples: tuple[Sample, ...]
    codes: Mapping[str, int]
    left_out: Mapping[str, int]
    cleaned: int = 0
    unlisted: int = 0
    cleaning: str = ""


def image_root(root: Path) -> Path:
    """The folder that sample paths of a domain are relative to."""
    return root.parent if root.is_file() else root


def read_domain(domain: Domain, project: Project) -> DomainReading:
    """What there is of one domain of a project.

    Raises:
        DataError: For images or labels that cannot be used as they are.
        UsageError: For a layout, part, mapping or cleaning rule that does not exist.
    """
    published = layout_of(domain)
    refuse_unreadable(domain.path, domain.name)
    root = image_root(domain.path)
    vocabulary = vocabulary_of(project, domain.label_map, published.mapping if published else None)
    listed, unlisted = _listed(domain, published, vocabulary)
    refuse_odd_names((image.path for image in listed), root)
    if not listed:
        raise _empty(domain)
    classes = _classes(listed, vocabulary, domain)
    kept = [image for image in listed if image.label is None or classes[image.label]]
    clean, cleaning = _clean(kept, root, published, project.cache)
    if not clean:
        raise _nothing_left(domain, kept)
    codes = Counter(image.label for image in listed if image.label is not None)
    return DomainReading(
        domain=domain,
        samples=tuple(_sample(image, classes, domain.name) for image in clean),
        codes=dict(codes),
        left_out={label: n for label, n in codes.items() if classes[label] is None},
        cleaned=len(kept) - len(clean),
        unlisted=unlisted,
        cleaning=cleaning,
    )


def _sample(image: Listed, classes: Mapping[str, str | None], domain: str) -> Sample:
    label = None if image.label is None else classes[image.label]
    return Sample(path=image.path, label=label, domain=domain, patient=image.patient)


def _listed(
    domain: Domain, published: DomainLayout | None, vocabulary: Vocabulary
) -> tuple[list[Listed], int]:
    """The images that a domain does not ignore, by path; and how many a CSV file does not list."""
    ignored = Ignored(domain.ignore)
    unlisted = 0
    if published is not None:
        layout = published.layout
        found = locate(layout, domain.path, part=domain.part, ignore=domain.ignore)
        listed = [Listed(path=one.path, label=one.code, patient=one.patient) for one in found]
    elif domain.path.is_file():
        listed, unlisted = rows_of_domain(domain, ignored, vocabulary)
    else:
        listed = _from_folders(domain, ignored)
    return sorted(listed, key=lambda image: image.path), unlisted


def _from_folders(domain: Domain, ignored: Ignored) -> list[Listed]:
    listed = []
    for folder, images in class_folders(domain.path).items():
        if folder in ignored:
            continue
        if not images:
            raise no_images(
                f"class folder '{folder}' of domain '{domain.name}'", domain.path / folder
            )
        paths = [f"{folder}/{image.name}" for image in images]
        listed += [Listed(path=path, label=folder) for path in paths if path not in ignored]
    return listed


def _clean(
    listed: Sequence[Listed], root: Path, published: DomainLayout | None, cache: Path
) -> tuple[list[Listed], str]:
    """The images that the domain's cleaning rule keeps, and the key of what it measured."""
    if published is None or published.least_red is None:
        return list(listed), ""
    paths = [image.path for image in listed]
    clean = keep_clean(root, paths, limit=published.least_red, cache=cache)
    return [image for image in listed if image.path in clean.paths], clean.key


def _empty(domain: Domain) -> DataError:
    if domain.path.is_file():
        there, expected = "its table has no rows", "a header and a row for each image"
    elif domain.ignore:
        there, expected = "`ignore` leaves nothing", "patterns that leave some"
    else:
        there, expected = contents(domain.path), "class folders with image files"
    return DataError(
        f"domain '{domain.name}' has no image: {there}",
        where=str(domain.path),
        fix=f"expected {expected}; correct `path` in wbcray.yaml, or remove the domain",
    )


def _nothing_left(domain: Domain, kept: Sequence[Listed]) -> DataError:
    why = f"`clean: {domain.clean}` drops them all" if kept else "its labels are all left out"
    return DataError(
        f"domain '{domain.name}' has no image of a class of this run: {why}",
        where=domain.where,
        fix="remove the domain, or change `classes`, `label_map` or `clean`",
    )


def _classes(
    listed: Iterable[Listed], vocabulary: Vocabulary, domain: Domain
) -> dict[str, str | None]:
    """The class of every raw label that occurs, None for those that are left out."""
    images = Counter(image.label for image in listed if image.label is not None)
    classes: dict[str, str | None] = {}
    unknown = []
    for label in images:
        try:
            classes[label] = vocabulary.class_of(label)
        except LookupError:
            unknown.append(label)
    if unknown:
        raise _unknown_labels(unknown, images[unknown[0]], vocabulary, domain)
    return classes


def _unknown_labels(
    unknown: Sequence[str], images: int, vocabulary: Vocabulary, domain: Domain
) -> DataError:
    """The error for labels of folders or a layout; the rows of a table have their own."""
    label = unknown[0]
    others = f"; nor are {', '.join(map(repr, unknown[1:]))}" if len(unknown) > 1 else ""
    return DataError(
        f"label '{label}' ({counted(images, 'image')}) is not among the classes{others}",
        where=domain.where if domain.layout else str(domain.path / label),
        fix=vocabulary.advice(label),
    )
