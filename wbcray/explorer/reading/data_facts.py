"""What a run says about its data: the records `overview` and `audit`, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wbcray.core.errors import StoreError
from wbcray.store.commit import read

Place = tuple[str, str]
"""A domain and a path in it, or a domain and a class."""
Colour = tuple[float, float, float]
"""Red, green and blue, 0 .. 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """Images that a finding is about together.

    Attributes:
        places: Domain and name of each: an id, or a file where a person asked for it.
        labels: Their classes, None without a label.
        likeness: Of a pair alike, else None.
    """

    places: tuple[Place, ...]
    labels: tuple[str | None, ...]
    likeness: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFacts:
    """One finding of the audit; `count` may be more than there are `cases`.

    `counts` are labels with the number of images found and published, where it is about these.
    """

    kind: str
    severity: str
    what: str
    fix: str
    count: int
    cases: tuple[CaseFacts, ...]
    counts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFacts:
    """What the audit found; `pictures` are PNGs in base64 by domain and name of the image."""

    images: int
    findings: tuple[FindingFacts, ...]
    pictures: Mapping[Place, str]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "AuditFacts":
        """The facts from plain JSON values.

        Raises:
            StoreError: For values that are missing or of the wrong kind.
        """
        known: dict[Place, Place] = {}
        try:
            return cls(
                images=int(data["images"]),
                findings=tuple(_finding(one, known) for one in data["findings"]),
                pictures={_place(p, known): str(p["png"]) for p in data["pictures"]},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged("audit", error) from error

    def with_files(self, files: Mapping[Place, str]) -> "AuditFacts":
        """The same with images called by their files, as far as `files` knows them."""

        def named(place: Place) -> Place:
            return place[0], files.get(place, place[1])

        def finding(one: FindingFacts) -> FindingFacts:
            cases = [replace(c, places=tuple(map(named, c.places))) for c in one.cases]
            return replace(one, cases=tuple(cases))

        return replace(
            self,
            findings=tuple(map(finding, self.findings)),
            pictures={named(place): png for place, png in self.pictures.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFacts:
    """How far two readers agree; `kappa` is Cohen's, None where it is not defined."""

    readings: tuple[str, str]
    images: int
    agree: int
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainFacts:
    """One domain.

    Attributes:
        counts: Images of each class; None where the data set cannot have any.
        left_out: Raw label -> images that have no class in the run.
        patients: How many are named, None where none is.
        width: Least, median and largest, pixels.
        height: Likewise.
        mean_rgb: Mean over images of their mean colour.
        sd_rgb: Standard deviation over images of the same.
    """

    name: str
    images: int
    unlabelled: int
    counts: Mapping[str, int | None]
    left_out: Mapping[str, int]
    patients: int | None
    width: tuple[int, int, int]
    height: tuple[int, int, int]
    mean_rgb: Colour
    sd_rgb: Colour
    agreements: tuple[AgreementFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewFacts:
    """What the data are; `examples` are PNGs in base64 by domain and class."""

    classes: tuple[str, ...]
    domains: tuple[DomainFacts, ...]
    examples: Mapping[Place, str]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "OverviewFacts":
        """The facts from plain JSON values.

        Raises:
            StoreError: For values that are missing or of the wrong kind.
        """
        try:
            return cls(
                classes=tuple(map(str, data["classes"])),
                domains=tuple(map(_domain, data["domains"])),
                examples={(e["domain"], e["class"]): str(e["png"]) for e in data["examples"]},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged("overview", error) from error


def read_audit(run: Path) -> AuditFacts | None:
    """What the audit found in a run's data; None for a run that does not say.

    Raises:
        StoreError: For a damaged record.
    """
    path = run / "audit.json"
    return AuditFacts.from_json(read(path, "audit")) if path.exists() else None


def read_overview(run: Path) -> OverviewFacts | None:
    """What a run's data are; None for a run that does not say.

    Raises:
        StoreError: For a damaged record.
    """
    path = run / "overview.json"
    return OverviewFacts.from_json(read(path, "overview")) if path.exists() else None


def _place(data: Mapping[str, Any], known: dict[Place, Place]) -> Place:
    """Where an image is; records of earlier versions hold its file, which is not passed on."""
    if "image" in data:
        return str(data["domain"]), str(data["image"])
    file = str(data["domain"]), str(data["path"])
    return known.setdefault(file, (file[0], f"image {len(known) + 1}"))


def _finding(data: Mapping[str, Any], known: dict[Place, Place]) -> FindingFacts:
    likeness = data["likeness"] or [None] * len(data["cases"])
    return FindingFacts(
        kind=str(data["kind"]),
        severity=str(data["severity"]),
        what=str(data["what"]),
        fix=str(data["fix"]),
        count=int(data["count"]),
        cases=tuple(
            CaseFacts(
                places=tuple(_place(image, known) for image in case),
                labels=tuple(image["label"] for image in case),
                likeness=value,
            )
            for case, value in zip(data["cases"], likeness, strict=True)
        ),
        counts=tuple(
            (str(one["label"]), int(one["found"]), int(one["published"])) for one in data["counts"]
        ),
    )


def _domain(data: Mapping[str, Any]) -> DomainFacts:
    return DomainFacts(
        name=str(data["name"]),
        images=int(data["images"]),
        unlabelled=int(data["unlabelled"]),
        counts=dict(data["counts"]),
        left_out=dict(data["left_out"]),
        patients=data["patients"],
        width=_sizes(data["width"]),
        height=_sizes(data["height"]),
        mean_rgb=_colour(data["mean_rgb"]),
        sd_rgb=_colour(data["sd_rgb"]),
        agreements=tuple(_agreement(one) for one in data["agreements"]),
    )


def _agreement(data: Mapping[str, Any]) -> AgreementFacts:
    first, second = data["readings"]
    return AgreementFacts(
        readings=(str(first), str(second)),
        images=int(data["images"]),
        agree=int(data["agree"]),
        kappa=data["kappa"],
    )


def _sizes(data: Mapping[str, Any]) -> tuple[int, int, int]:
    return int(data["least"]), int(data["median"]), int(data["most"])


def _colour(data: list[Any]) -> Colour:
    red, green, blue = map(float, data)
    return red, green, blue


def _damaged(kind: str, error: Exception) -> StoreError:
    return StoreError(
        f"the run's {kind} cannot be read: {error}",
        where=f"{kind}.json",
        fix="delete the file; the next training command on the run writes it anew",
    )
