"""Find the folder of a part below the folder that the user named, and the other way round."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from wbcray.data.layouts.codes import folder_names
from wbcray.data.layouts.layout import Layout, Part
from wbcray.data.layouts.walk import list_folder

DEPTH = 3
"""How many folders deep an archive may wrap a data set."""


def part_folder(layout: Layout, part: Part, root: Path) -> Path | None:
    """The folder with the images of `part`, None where there is none.

    The root may be the data set, a folder around it, or the part's own folder.
    """
    for under in part.under:
        names = PurePosixPath(under).parts
        if not names:
            return root
        found = find_below(layout, root, under)
        if found is not None:
            return found
        if root.resolve().name.lower() == names[-1].lower():
            return root
    return None


def find_below(layout: Layout, root: Path, relative: str) -> Path | None:
    """The file or folder at `relative` to the root, or to a folder that wraps the data set."""
    names = PurePosixPath(relative).parts
    for folder in _wrappers(layout, root):
        found = _descend(folder, names)
        if found is not None:
            return found
    return None


def _wrappers(layout: Layout, root: Path) -> Iterator[Path]:
    """The root and the folders below it, nearest first, but not those that hold a label."""
    labels = folder_names(layout)
    level = [root]
    for _ in range(DEPTH + 1):
        yield from level
        level = [
            folder / entry.name
            for folder in level
            for entry in list_folder(folder)
            if not entry.is_symlink() and entry.is_dir() and entry.name.lower() not in labels
        ]


def _descend(folder: Path, names: tuple[str, ...]) -> Path | None:
    """The path below `folder` with these names, in any case where no name fits exactly."""
    for name in names:
        exact = folder / name
        if exact.exists():
            folder = exact
            continue
        if not folder.is_dir():
            return None
        near = [e.name for e in list_folder(folder) if e.name.lower() == name.lower()]
        if not near:
            return None
        folder = folder / near[0]
    return folder
