"""Read raw labels out of folder names and file names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from wbcray.data.layouts.layout import Layout
from wbcray.data.layouts.walk import ImageFolder


@dataclass(slots=True, kw_only=True)
class CodedImages:
    """What the names of images say.

    Attributes:
        found: Path and raw label of every image that has one.
        unknown: Path and supposed raw label of every image beside those whose label no mapping
            knows.
        misplaced: Path and raw label of every image in the folder of another label.
        homes: The folders, by their path below the part, that hold the folders of raw labels.
    """

    found: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    misplaced: list[tuple[str, str]] = field(default_factory=list)
    homes: set[tuple[str, ...]] = field(default_factory=set)


CodeRule = Callable[[Layout, Sequence[ImageFolder]], CodedImages]
"""How raw labels are read from the folders of a part and the names of their images."""


def folder_names(layout: Layout) -> dict[str, tuple[str, ...]]:
    """Folder name in lower case -> the raw labels that such a folder may hold."""
    names: dict[str, tuple[str, ...]] = {}
    for code in layout.codes:
        for name in layout.folders_of(code):
            names[name.lower()] = (*names.get(name.lower(), ()), code)
    return names


def codes_of_folders(layout: Layout, folders: Sequence[ImageFolder]) -> CodedImages:
    """Raw labels where the deepest folder of a known name above an image says its label."""
    names = folder_names(layout)
    coded = CodedImages()
    strange: list[ImageFolder] = []
    for folder in folders:
        depth = _depth_of_label(folder, names)
        if depth is None:
            strange.append(folder)
            continue
        coded.homes.add(folder.parts[:depth])
        code = names[folder.parts[depth].lower()][0]
        coded.found += [(folder.path(name), code) for name in folder.names]
    for folder in strange:
        supposed = _beside(folder, coded.homes)
        if supposed is not None:
            coded.unknown += [(folder.path(name), supposed) for name in folder.names]
    return coded


def codes_of_prefixes(layout: Layout, folders: Sequence[ImageFolder]) -> CodedImages:
    """Raw labels where a file name says it before the first separator.

    The whole prefix is compared: one that ends like another (`PMY`, `MY`) is another label.
    """
    names, known = folder_names(layout), frozenset(layout.codes)
    coded = CodedImages()
    depths = [_depth_of_label(folder, names) for folder in folders]
    coded.homes.update(
        folder.parts[:depth]
        for folder, depth in zip(folders, depths, strict=True)
        if depth is not None
    )
    for folder, depth in zip(folders, depths, strict=True):
        holds = None if depth is None else names[folder.parts[depth].lower()]
        expected = holds is not None or _beside(folder, coded.homes) is not None
        for name in folder.names:
            path, code = folder.path(name), prefix(name, layout.separator)
            if code in known:
                (coded.found if holds is None or code in holds else coded.misplaced).append(
                    (path, code)
                )
            elif expected:
                coded.unknown.append((path, code))
    return coded


def prefix(name: str, separator: str) -> str:
    """What stands before the first separator of a file name without its ending."""
    return name.rpartition(".")[0].partition(separator)[0]


def _depth_of_label(folder: ImageFolder, names: dict[str, tuple[str, ...]]) -> int | None:
    for depth in range(len(folder.parts) - 1, -1, -1):
        if folder.parts[depth].lower() in names:
            return depth
    return None


def _beside(folder: ImageFolder, homes: set[tuple[str, ...]]) -> str | None:
    """The folder's name next to the folders of raw labels, where it lies there."""
    for depth in range(len(folder.parts) - 1, -1, -1):
        if folder.parts[:depth] in homes:
            return folder.parts[depth]
    return None
