"""What lies in the folders and tables that `wbcray init` is given: one entry per domain."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
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
        px_per_um: Its published scale.
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
    for name, times in Counter(entry.name for entry in found).items():
        if times > 1 or not name:
            where = [str(entry.path) for entry in found if entry.name == name][-1]
            raise DataError(
                f"two domains are called '{name}'" if name else "a domain has no name",
                where=where,
                fix="rename the folder, with letters and digits",
            )
    return sorted(found, key=lambda entry: entry.name)


def require_two(entries: Sequence[Entry], places: Iterable[Path]) -> None:
    """Do nothing where one domain can be learned from and another one held out.

    Raises:
        DataError: For fewer than two domains.
    """
    if len(entries) < 2:  # noqa: PLR2004
        raise DataError(
            f"found {len(entries)} domain ({', '.join(e.name for e in entries) or 'none'}); "
            "holding one out needs at least 2",
            where=", ".join(map(str, places)),
            fix="give more folders; expected layout: domain/class/image.png",
        )


def unused_folders(entries: Iterable[Entry]) -> list[Path]:
    """Folders with class folders that lie within a published data set and are no part of it."""
    from wbcray.data.folders import class_folders
    from wbcray.data.layouts.load import load_layout
    from wbcray.data.layouts.locate import locate

    used: dict[Path, set[str]] = {}
    for entry in entries:
        if entry.layout:
            # what is wrong with a data set is for `wbcray data check` to say
            with suppress(DataError):
                images = locate(load_layout(entry.layout), entry.path, part=entry.part)
                names = used.setdefault(entry.path, set())
                names |= {image.path.partition("/")[0] for image in images}
    return [
        root / name
        for root, names in used.items()
        for name in class_folders(root)
        if name not in names and any(class_folders(root / name).values())
    ]


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

    if published and (known := list(_published(folder))) and not _is_a_collection(known):
        return known
    inside = class_folders(folder)
    if any(inside.values()):
        return list(_generic(folder, inside))
    found = []
    for place in (folder / name for name in inside):
        known = list(_published(place)) if published else []
        found += known or list(_generic(place, class_folders(place)))
    return found


def _is_a_collection(known: Iterable[Entry]) -> bool:
    """Whether a folder beside what was recognised has the same classes as a folder of that.

    Then somebody has put domains of one kind together, and all of them are meant.
    """
    from wbcray.data.folders import class_folders

    return any(
        set(class_folders(beside)) == set(class_folders(other))
        for beside in unused_folders(known)
        for other in beside.parent.iterdir()
        if other.is_dir() and other != beside
    )


def _published(folder: Path) -> Iterator[Entry]:
    from wbcray.data.layouts.load import load_layout
    from wbcray.data.layouts.recognise import recognise

    recognised = recognise(folder)
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
        )


def _generic(folder: Path, inside: Mapping[str, Sequence[Path]]) -> Iterator[Entry]:
    labels = frozenset(name for name, images in inside.items() if images)
    if labels:
        # `.` and `a/..` are folders, too
        yield Entry(name=domain_name(folder.resolve().name), path=folder, labels=labels)


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
