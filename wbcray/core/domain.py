"""A domain of `wbcray.yaml`: where its images lie, and how to read their labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One site's images: a folder of class folders, a CSV file, or a published data set.

    Attributes:
        name: What the run calls it.
        path: Folder or CSV file.
        um_per_px: Micrometres per pixel, None where the file does not say.
        layout: Name of a published data set, or the path of a YAML file that describes one.
        part: Which part of the published data set.
        mapping: Which of the layout's maps from raw labels to classes; None takes its default.
        clean: Which of the layout's cleaning rules drops images, if any.
        columns: What the CSV file calls its columns `image`, `label`, `domain` and `patient`,
            where it calls them something else.
        select: Which value of the CSV file's domain column this domain is; None takes `name`.
        label_map: Raw label -> class, or None for images that are to be left out.
        ignore: Patterns of images to leave out; paths relative to the domain's folder, in which
            `*` stands for any text, `/` included.
        where: Line of the file that describes it, for messages.
    """

    name: str
    path: Path
    um_per_px: float | None = None
    layout: str | None = None
    part: str | None = None
    mapping: str | None = None
    clean: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    select: str | None = None
    label_map: Mapping[str, str | None] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    where: str = field(default="wbcray.yaml", compare=False, repr=False)

    @property
    def is_table(self) -> bool:
        """Whether it is read from a CSV file."""
        return self.path.suffix.lower() == ".csv" or self.path.is_file()

    def slice_of_path(self) -> tuple[str, ...]:
        """What of `path` it is: two domains with the same answer would be the same images."""
        if self.is_table:
            return (str(self.path), "select", self.select or self.name)
        return (str(self.path), "part", self.part or "")
