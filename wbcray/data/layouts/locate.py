"""Find the images of a data set, wherever its root is and however it was unpacked."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from wbcray.data.ignore import Ignored
from wbcray.data.layouts import refusals
from wbcray.data.layouts.codes import CodeRule, codes_of_folders, codes_of_prefixes
from wbcray.data.layouts.layout import Layout, Part
from wbcray.data.layouts.table_rule import read_rows
from wbcray.data.layouts.walk import ImageFolder, walk_images
from wbcray.data.layouts.where import find_below, part_folder

_RULES: dict[str, CodeRule] = {"folder": codes_of_folders, "prefix": codes_of_prefixes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """One image of a published data set.

    Attributes:
        path: Relative to the root that was given, with `/`.
        code: Raw label; None in a part without labels.
        patient: Who it is from, None where that is not known.
    """

    path: str
    code: str | None
    patient: str | None


def locate(
    layout: Layout, root: Path, *, part: str | None = None, ignore: Sequence[str] = ()
) -> list[Located]:
    """The images of one part, sorted by path.

    Args:
        layout: How the data set lies on disk.
        root: The data set's folder, one around it, or the part's own.
        part: Name of the part; may be left out where there is one only.
        ignore: Patterns of paths relative to the root, of files or folders, to pass over.

    Raises:
        UsageError: For a part that the layout does not have, or none where it has several.
        DataError: For a root that does not hold the part, images of an unknown raw label, classes
            that are still packed, or a table that does not fit the images.
    """
    chosen = layout.part(part)
    if not root.is_dir():
        raise refusals.no_root(root)
    read = _from_names if chosen.table is None else _from_table
    located = read(layout, chosen, root, Ignored(ignore) if ignore else None)
    if not located:
        looked_for = f"expected {refusals.expectation(layout, chosen)}"
        raise refusals.nothing_there(layout, root, looked_for)
    return sorted(located, key=lambda image: image.path)


def _from_names(layout: Layout, part: Part, root: Path, ignored: Ignored | None) -> list[Located]:
    folder = part_folder(layout, part, root)
    if folder is None:
        looked_for = f"part '{part.name}' is expected in a folder {' or '.join(part.under)}"
        raise refusals.nothing_there(layout, root, looked_for)
    above = folder.relative_to(root).parts
    patient = _patient_reader(layout)
    folders = _kept(walk_images(folder, layout.suffixes), above, ignored)
    if part.label_from == "nowhere":
        paths = [_join(above, each.path(name)) for each in folders for name in each.names]
        return [Located(path=path, code=None, patient=patient(path)) for path in paths]
    coded = _RULES[part.label_from](layout, folders)
    refusals.refuse_unknown(layout, coded, folder)
    refusals.refuse_misplaced(layout, coded, folder)
    refusals.refuse_packed(layout, coded, folder)
    found = ((_join(above, path), code) for path, code in coded.found)
    return [Located(path=path, code=code, patient=patient(path)) for path, code in found]


def _from_table(layout: Layout, part: Part, root: Path, ignored: Ignored | None) -> list[Located]:
    rule = part.table
    table = None if rule is None else find_below(layout, root, rule.file)
    if rule is None or table is None or not table.is_file():
        return []
    # the table says where the data set itself begins, below folders that an archive wraps it in
    home = table.parents[len(PurePosixPath(rule.file).parts) - 1] / rule.folder
    above = home.relative_to(root).parts
    names = _names_by_row(home, layout.suffixes) if home.is_dir() else {}
    rows = read_rows(table, rule)
    missing = [row for row in rows if row.image not in names]
    if missing:
        raise refusals.missing_images(missing, len(rows), table)
    refusals.refuse_unknown_rows(layout, rows, table)
    located = (
        Located(path=_join(above, names[row.image]), code=row.code, patient=row.patient)
        for row in rows
    )
    return [image for image in located if ignored is None or image.path not in ignored]


def _kept(
    folders: Iterable[ImageFolder], above: tuple[str, ...], ignored: Ignored | None
) -> list[ImageFolder]:
    """The folders with those of their images that are not ignored."""
    if ignored is None:
        return list(folders)
    return [
        ImageFolder(
            parts=folder.parts,
            names=tuple(
                name for name in folder.names if _join(above, folder.path(name)) not in ignored
            ),
        )
        for folder in folders
    ]


def _names_by_row(home: Path, suffixes: Sequence[str]) -> dict[str, str]:
    """What a row may call an image -> its path below `home`: with its ending, or without."""
    names: dict[str, str] = {}
    for folder in walk_images(home, suffixes):
        for path in map(folder.path, folder.names):
            names[path] = path
            names.setdefault(path.rpartition(".")[0], path)
    return names


def _join(above: tuple[str, ...], path: str) -> str:
    return "/".join((*above, path))


def _patient_reader(layout: Layout) -> Callable[[str], str | None]:
    if not layout.patient:
        return lambda _: None
    search = re.compile(layout.patient).search

    def read(path: str) -> str | None:
        found = search(path)
        return found["patient"] if found else None

    return read
