"""What is known of one published data set, as its YAML file in `known/` says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wbcray.core.errors import UsageError, did_you_mean, unknown_name

LabelFrom = Literal["folder", "prefix", "table", "nowhere"]
"""Where an image's raw label stands: in the name of a folder above it, before the first separator
of its own name, in a table, or nowhere (an unlabelled part)."""

ColourMode = Literal["RGB", "RGBA", "CMYK"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """How a table names images and labels.

    Attributes:
        file: The table, relative to the root of the data set.
        image: Its column with the image's path or name.
        label: Its column with the raw label.
        patient: Its column with the patient, which copies of the table may lack, or None.
        folder: Folder, relative to the root, that image paths are relative to.
        name: What the image is called where its column says `{image}`, e.g. `{image:0>3}.bmp`.
        rows: Column -> value that a row of the part must have.
    """

    file: str
    image: str
    label: str
    patient: str | None = None
    folder: str = "."
    name: str = "{image}"
    rows: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """How the files look, so that `wbcray data synth --layout` can write some alike.

    Attributes:
        pattern: Path below the part, with the fields `code` (raw label), `folder` (the code's
            folder) and `number`, e.g. `{code}/{code}_{number:04d}.tiff`.
        width: Pixels.
        height: Pixels.
        mode: Colour mode of most files.
        transparent_border: Width of the transparent border that some files have, pixels.
    """

    pattern: str
    width: int
    height: int
    mode: ColourMode
    transparent_border: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a data set that makes a domain of its own (a microscope, a phase, a site).

    Attributes:
        name: What `part:` in `wbcray.yaml` calls it.
        under: Folders, relative to the root, of which the first that exists holds its images.
        label_from: Where raw labels stand.
        table: The table rule where they stand in a table.
        px_per_um: Scale, None where it is not published or varies.
        published: Images per raw label as published; empty where that is not known.
        files: How its files look, None where they look like those of the other parts.
    """

    name: str
    under: tuple[str, ...]
    label_from: LabelFrom
    table: TableRule | None
    px_per_um: float | None
    published: Mapping[str, int]
    files: FileFormat | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One published data set.

    Attributes:
        name: What `layout:` in `wbcray.yaml` calls it.
        title: Its full name.
        licence: Terms of use, as far as known.
        citation: What to cite.
        obtain: Where to get it, and how to unpack it.
        notes: What to mind: traps, known errors.
        parts: Its parts in order; a data set without parts has one called `all`.
        suffixes: File name endings, in lower case.
        folders: Raw label -> folder names that may hold it, the published one first. Where labels
            are prefixes it names each label's folder; where labels are folders, a raw label that
            is missing here is the only name of its folder.
        separator: What ends a prefix.
        mappings: Named maps, raw label -> class, or None for images that are left out. A class is
            canonical, or one of the five coarse ones where the data set does not say more.
        default_mapping: The name of the map that is used unless another is asked for.
        looks_like: Raw label -> canonical class (or `platelet`) that it looks like. Synthetic
            images need it of raw labels whose class by default is not a canonical one.
        more_of: Pairs (a, b): there must be more images of raw label a than of b, else the two
            were swapped by whoever unpacked the data.
        reannotations: Table with second opinions (path, annotation, first, second, no header;
            any of these names), empty where there is none.
        patient: Regular expression on an image's relative path whose group `patient` names the
            patient, or empty.
        cleaning: Name of a published cleaning rule that `clean:` may ask for, with its limit:
            `rgb` drops images of mean red below it.
        files: How the files look.
    """

    name: str
    title: str
    licence: str
    citation: str
    obtain: str
    notes: str
    parts: tuple[Part, ...]
    suffixes: tuple[str, ...]
    folders: Mapping[str, tuple[str, ...]]
    separator: str
    mappings: Mapping[str, Mapping[str, str | None]]
    default_mapping: str
    looks_like: Mapping[str, str]
    more_of: tuple[tuple[str, str], ...]
    reannotations: tuple[str, ...]
    patient: str
    cleaning: Mapping[str, float]
    files: FileFormat

    @property
    def codes(self) -> tuple[str, ...]:
        """Every raw label that the default mapping knows."""
        return tuple(self.mappings[self.default_mapping])

    def part(self, name: str | None = None) -> Part:
        """The part called `name`; without a name, the only one there is.

        Raises:
            UsageError: For another name, or for none where there are several parts.
        """
        known = [part.name for part in self.parts]
        if name is None and len(known) > 1:
            raise UsageError(
                f"layout '{self.name}' has {len(known)} parts; say which",
                fix=f"add `part: {known[0]}` ({did_you_mean('', known)})",
            )
        for part in self.parts:
            if name in (None, part.name):
                return part
        raise unknown_name(f"part of layout {self.name}", str(name), known)

    def mapping(self, name: str | None = None) -> Mapping[str, str | None]:
        """The mapping called `name`, or the default one.

        Raises:
            UsageError: For another name.
        """
        chosen = self.default_mapping if name is None else name
        if chosen not in self.mappings:
            raise unknown_name(f"mapping of layout {self.name}", chosen, self.mappings)
        return self.mappings[chosen]

    def folders_of(self, code: str) -> tuple[str, ...]:
        """Names of the folders that may hold the raw label `code`, the published one first."""
        return self.folders.get(code, (code,))

    def files_of(self, part: Part) -> FileFormat:
        """How the files of `part` look."""
        return part.files or self.files
