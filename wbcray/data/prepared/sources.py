"""Which files are decoded, and how they are looked at: what decides the content of a folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wbcray.core.errors import DataError
from wbcray.core.project import Project
from wbcray.data.catalog import scale_of


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How images are looked at before any network: size in pixels and field of view."""

    size: int
    field_of_view_um: float | None = None

    @property
    def name(self) -> str:
        """A short name for folders, e.g. `64px-native`."""
        field = "native" if self.field_of_view_um is None else f"{self.field_of_view_um:g}um"
        return f"{self.size}px-{field}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSource:
    """Where a domain's files are and how large a pixel is (0 where unknown)."""

    root: Path
    um_per_px: float = 0.0


def view_of(project: Project) -> View:
    """How a project looks at its images."""
    return View(size=project.image_size, field_of_view_um=project.field_of_view)


def sources_of(project: Project) -> dict[str, DomainSource]:
    """The files of every domain of a project, with its scale as given or as published."""
    return {
        domain.name: DomainSource(root=domain.path, um_per_px=scale_of(domain) or 0.0)
        for domain in project.domains
    }


def refuse_unknown_scales(sources: Mapping[str, DomainSource], view: View) -> None:
    """Nothing, where every domain can be looked at in this view.

    Raises:
        DataError: For a field of view in micrometres where a domain's scale is not known.
    """
    for name, source in sources.items():
        if view.field_of_view_um is not None and source.um_per_px <= 0:
            raise DataError(
                f"domain '{name}' does not say how large a pixel is, which a field of view in "
                "micrometres needs",
                where=f"wbcray.yaml, `domains: {name}:`",
                fix="add `um_per_px` to it, or set `field_of_view: native`",
            )
