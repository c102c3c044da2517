"""What lies in the folders and tables that `wbcray init` is given: one entry per domain."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wbcray.core.errors import DataError

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")
"""What the name of a domain, which becomes part of file names, may not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One domain, as it will stand in `wbcray.yaml`.

    Attributes:
        name: Its key.
        path: Folder or CSV file.
        labels: What its images are labelled as, before any mapping; empty without labels.
        layout: The published data set that was recognised in it.
        part: Which part of that, where it has several.
        px_per_um: Its scale, as published, or as a generator noted it.
        shrink: What that scale is to be divided by, above 1 for small synthetic images.
        columns: What a CSV file calls its columns, where not as expected.
        select: Which value of a CSV file's domain column it is, where not its own name.
        clean: The cleaning rule of its layout to apply.
    """

    name: str
    path: Path
    labels: frozenset[str] = frozenset()
    layout: str | None = None
    part: str | None = None
    px_per_um: float | None = None
    shrink: int = 1
    columns: Mapping[str, str] | None = None
    select: str | None = None
    clean: str | None = None


def find_domains(places: Iterable[Path], *, published: bool = True) -> list[Entry]:
    """The domains in folders and CSV files, sorted by name.

    Args:
        places: Domains, folders of domains, or CSV files.
        published: Whether to look for published data sets among them.

    Raises:
        DataError: For a place that is not there or cannot be read, or two domains of one name.
    """
    found = [entry for place in places for entry in _in_place(place, published=published)]
    found = _copies_apart(found)
    for name, times in Counter(entry.name for entry in found).items():
        if times > 1 or not name:
            where = [str(entry.path) for entry in found if entry.name == name][-1]
            raise DataError(
                f"two domains are called '{name}'" if name else "a domain has no name",
                where=where,
                fix="rename the folder, with letters and digits",
            )
    return sorted(found, key=lambda entry: entry.name)


def _copies_apart(entries: Sequence[Entry]) -> list[Entry]:
    """Several copies of a data set, which would all bear its name, named as their folders."""
    times = Counter(entry.name for entry in entries)
    return [
        replace(entry, name=domain_name(entry.path.resolve().name))
        if entry.name == entry.layout and times[entry.name] > 1
        else entry
        for entry in entries
    ]


def unused_folders(entries: Sequence[Entry], places: Iterable[Path]) -> list[Path]:
    """Folders with images in `places` of which no domain has any, the outermost of each."""
    inner = [folder for entry in _one_a_path(entries) for folder in _left_out(entry, entries)]
    return sorted({*inner, *(folder for place in places for folder in _outside(place, entries))})


def _one_a_path(entries: Iterable[Entry]) -> list[Entry]:
    return list({entry.path: entry for entry in entries if entry.layout}.values())


def _left_out(known: Entry, entries: Iterable[Entry]) -> list[Path]:
    """Folders in a published data set that are no part of it, nor a domain among `entries`."""
    from wbcray.data.layouts.load import load_layout
    from wbcray.data.layouts.recognise import left_out

    layout = load_layout(known.layout or "")
    mine = [entry for entry in entries if entry.path == known.path]
    others = {entry.path for entry in entries} - {known.path}
    return [
        folder
        for folder in left_out(known.path, layout, [layout.part(entry.part) for entry in mine])
        if not any(other.is_relative_to(folder) for other in others)
    ]


def _outside(place: Path, entries: Iterable[Entry]) -> list[Path]:
    """The folders in `place` with images that are neither in a domain nor around one."""
    from wbcray.data.folders import IMAGE_SUFFIXES
    from wbcray.data.layouts.walk import walk_images

    homes = [entry.path for entry in entries]
    found = []
    for parts in (
        each.parts for each in (walk_images(place, IMAGE_SUFFIXES) if place.is_dir() else ())
    ):
        path = place.joinpath(*parts)
        if any(path.is_relative_to(home) for home in homes):
            continue
        above = (place.joinpath(*parts[:depth]) for depth in range(len(parts) + 1))
        found += [next((p for p in above if not any(h.is_relative_to(p) for h in homes)), path)]
    return found


def _in_place(place: Path, *, published: bool) -> list[Entry]:
    if place.is_dir():
        return _in_folder(place, published=published)
    if place.is_file() and place.suffix.lower() == ".csv":
        return _in_table(place)
    what = "is neither a folder nor a CSV file" if place.exists() else "does not exist"
    raise DataError(
        f"'{place.name}' {what}", where=str(place), fix="give folders of images, or CSV files"
    )


def _in_folder(folder: Path, *, published: bool) -> list[Entry]:
    """The folder as a domain or as a published data set; or those that lie in it."""
    from wbcray.data.folders import class_folders

    known = list(_published(folder)) if published else []
    beside = _left_out(known[0], known) if known else []
    if known and not _is_a_collection(folder, known, beside):
        return known + [entry for other in beside for entry in _published(other)]
    inside = class_folders(folder)
    # what has images directly is a class, and not looked into
    places = [folder / name for name, images in inside.items() if not images]
    found = [entry for place in places for entry in _in_child(place, published=published)]
    if any(inside.values()) and not any(entry.layout for entry in found):
        return list(_generic(folder, inside))
    return found


def _in_child(place: Path, *, published: bool) -> list[Entry]:
    """The domain that a folder in a collection is; or those in it, if published data sets are."""
    found = _in_folder(place, published=published)
    # folders of anybody's own are too much alike to tell domains from classes at any depth
    if any(entry.layout for entry in found):
        return found
    return [entry for entry in found if entry.path == place]


def _is_a_collection(folder: Path, known: Sequence[Entry], beside: Sequence[Path]) -> bool:
    """Whether a folder holds domains side by side, of which what was recognised is but one.

    It does where a folder that is left out has the same classes as another: somebody has put
    domains of one kind together. It does, too, where folders are left out and each of the others
    is the same data set by itself, so that nothing is lost by looking at each.
    """
    from wbcray.data.folders import class_folders

    inside = {path: class_folders(path) for path in (folder / n for n in class_folders(folder))}
    if any(
        set(inside[other]) == set(inside[path])
        for path in beside
        if any(inside.get(path, {}).values())
        for other in inside
        if other != path
    ):
        return True
    used = [path for path in inside if path not in beside and _holds_images(path)]
    return bool(beside) and all(
        {entry.layout for entry in _published(path)} == {known[0].layout} for path in used
    )


def _holds_images(folder: Path) -> bool:
    from wbcray.data.folders import IMAGE_SUFFIXES
    from wbcray.data.layouts.walk import walk_images

    return any(True for _ in walk_images(folder, IMAGE_SUFFIXES))


def _published(folder: Path) -> Iterator[Entry]:
    from wbcray.data.layouts.load import load_layout
    from wbcray.data.layouts.recognise import recognise

    recognised = recognise(folder)
    shrink = _shrink_of(folder) if recognised else 1
    for found in recognised:
        layout = load_layout(found.layout)
        part = layout.part(found.part)
        several = len(layout.parts) > 1
        labels = layout.codes if part.label_from != "nowhere" else ()
        name = f"{found.layout}_{found.part}" if several else found.layout
        if several and len(recognised) == 1:
            # a part in a folder of its own: its owner has a name for it
            name = folder.resolve().name
        yield Entry(
            name=domain_name(name),
            path=found.path,
            labels=frozenset(labels),
            layout=found.layout,
            part=found.part if several else None,
            px_per_um=part.px_per_um,
            shrink=shrink,
        )


def _shrink_of(folder: Path) -> int:
    from wbcray.data.folders import IMAGE_SUFFIXES
    from wbcray.data.layouts.walk import walk_images
    from wbcray.data.synthetic.manifest import shrink_of

    # the mark may lie below, in a folder that the data set is wrapped in
    first = next(walk_images(folder, IMAGE_SUFFIXES), None)
    return shrink_of(folder.joinpath(*first.parts)) if first else 1


def _generic(folder: Path, inside: Mapping[str, Sequence[Path]]) -> Iterator[Entry]:
    from wbcray.data.synthetic.manifest import px_per_um_of

    labels = frozenset(name for name, images in inside.items() if images)
    if labels:
        yield Entry(
            name=domain_name(folder.resolve().name),  # `.` and `a/..` are folders, too
            path=folder,
            labels=labels,
            px_per_um=px_per_um_of(folder),
        )


def _in_table(table: Path) -> list[Entry]:
    from wbcray.data.table import guess_columns, read_table

    columns = guess_columns(table)
    rows = read_table(table, columns)
    whole = Entry(name="", path=table, columns=columns or None)
    entries = []
    for value in sorted({row.domain for row in rows}, key=str):
        labels = frozenset(row.label for row in rows if row.domain == value and row.label)
        name = domain_name(table.stem if value is None else value)
        select = value if value not in (None, name) else None
        entries.append(replace(whole, name=name, labels=labels, select=select))
    return entries


def domain_name(text: str) -> str:
    """`text` as the name of a domain, which becomes part of file names."""
    return _NOT_IN_NAMES.sub("_", text).lstrip("._-")[:64]
