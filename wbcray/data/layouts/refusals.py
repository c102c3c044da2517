"""The errors for a folder that is not laid out as its data set is published."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath
from shlex import quote

from wbcray.core.errors import DataError, did_you_mean
from wbcray.data.archive.opening import SUFFIXES
from wbcray.data.layouts.codes import CodedImages, folder_names
from wbcray.data.layouts.layout import Layout, Part
from wbcray.data.layouts.table_rule import SHOWN, TableRow
from wbcray.data.layouts.walk import is_folder, list_folder

_OTHER_ARCHIVES = (".rar", ".7z")
_ARCHIVES = (*SUFFIXES, *_OTHER_ARCHIVES)


def no_root(root: Path) -> DataError:
    """The error for a root that is not a folder."""
    return DataError(
        "there is no such folder" if not root.exists() else "this is a file, not a folder",
        where=str(root),
        fix="correct `path`, or mount the data",
    )


def nothing_there(layout: Layout, root: Path, looked_for: str) -> DataError:
    """The error for a root that does not hold the part: expected, found, where to get it."""
    archives = _archives(root)
    return DataError(
        f"no {layout.title} here: {looked_for}; found {_contents(root)}",
        where=str(root),
        fix=_unpack(root, archives) if archives else f"get it: {layout.obtain or 'not said'}",
    )


def expectation(layout: Layout, part: Part) -> str:
    """What the folder of a part should hold, in words."""
    endings = "/".join(layout.suffixes)
    if part.table is not None:
        return f"a table {part.table.file} and the {endings} images that it names"
    if part.label_from == "nowhere":
        return f"{endings} images in {part.under[0]}"
    names = list(dict.fromkeys(layout.folders_of(code)[0] for code in layout.codes))
    listing = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return f"{endings} images in folders {listing}"


def refuse_unknown(layout: Layout, coded: CodedImages, folder: Path) -> None:
    """Do nothing where every image beside the known ones has a label that a mapping knows.

    Raises:
        DataError: With how many have none, and the first of them.
    """
    if not coded.unknown:
        return
    path, code = coded.unknown[0]
    raise DataError(
        f"{_unknown(layout, [code for _, code in coded.unknown])} ({path})",
        where=str(folder / path),
        fix=f"{did_you_mean(code, layout.codes)}; rename it, or leave it out by "
        f'`ignore: ["*{path.rpartition("/")[0]}/*"]`',
    )


def refuse_unknown_rows(layout: Layout, rows: Sequence[TableRow], table: Path) -> None:
    """Do nothing where a mapping knows the raw label of every row.

    Raises:
        DataError: With how many it does not know, and the first of them.
    """
    unknown = [row for row in rows if row.code not in layout.codes]
    if unknown:
        raise DataError(
            _unknown(layout, [row.code for row in unknown]),
            where=f"{table}:{unknown[0].line}",
            fix=f"{did_you_mean(unknown[0].code, layout.codes)}; correct the table",
        )


def _unknown(layout: Layout, codes: Sequence[str]) -> str:
    distinct = len(set(codes))
    labels = "a label" if distinct == 1 else f"one of {distinct} labels"
    counted = f"{_plural(len(codes), 'image')} of {labels}"
    return f"{counted} that {layout.name} does not know; first: '{codes[0]}'"


def refuse_misplaced(layout: Layout, coded: CodedImages, root: Path) -> None:
    """Do nothing where every image lies in the folder of its own raw label.

    Raises:
        DataError: With how many do not, and the first of them.
    """
    if not coded.misplaced:
        return
    path, code = coded.misplaced[0]
    raise DataError(
        f"{_plural(len(coded.misplaced), 'image')} in the folder of another label; first: '{path}'"
        f" says '{code}', which belongs into '{layout.folders_of(code)[0]}'",
        where=str(root / path),
        fix="move them to their folder, or unpack the data set anew",
    )


def refuse_packed(layout: Layout, coded: CodedImages, folder: Path) -> None:
    """Do nothing where no raw label is still in an archive beside the others' folders.

    Raises:
        DataError: With the archives, and the command that unpacks them.
    """
    names, there = folder_names(layout), {code for _, code in coded.found}
    for home in sorted({(), *coded.homes}):
        place = folder.joinpath(*home)
        packed = [
            name
            for name in _archives(place)
            if not there.issuperset(names.get(name.partition(".")[0].lower(), ()))
        ]
        if packed:
            raise DataError(
                f"{_plural(len(packed), 'class')} still to be unpacked (first: {packed[0]})",
                where=str(place / packed[0]),
                fix=_unpack(place, packed),
            )


def missing_images(rows: Sequence[TableRow], listed: int, table: Path) -> DataError:
    """The error for rows of a table whose image is not there."""
    first = rows[0]
    return DataError(
        f"{len(rows)} of {listed} rows point to missing images (first: line {first.line}, "
        f"'{first.image}')",
        where=f"{table}:{first.line}",
        fix="unpack all images, or remove the rows",
    )


def _archives(folder: Path) -> list[str]:
    return [e.name for e in list_folder(folder) if e.name.lower().endswith(_ARCHIVES)]


def _unpack(folder: Path, archives: Sequence[str]) -> str:
    first = archives[0]
    if first.lower().endswith(_OTHER_ARCHIVES):
        return f"unpack {first} first, with its own program"
    stem = _stem(first)
    ending = first.removeprefix(stem)
    if sum(name.endswith(ending) for name in archives) == 1:
        here = folder / first
        return f"unpack it first: wbcray data unpack {quote(str(here))} {quote(str(folder / stem))}"
    each = f'for f in *{ending}; do wbcray data unpack "$f" "${{f%{ending}}}"; done'
    return f"unpack them first: cd {quote(str(folder))} && {each}"


def _stem(archive: str) -> str:
    """Its name without the ending, the longest of those that fit: `a` of `a.tar.gz`."""
    fitting = [ending for ending in SUFFIXES if archive.lower().endswith(ending)]
    return archive[: -len(max(fitting, key=len))]


def _contents(root: Path) -> str:
    entries = list_folder(root)
    folders = [entry.name for entry in entries if is_folder(entry)]
    files = Counter(
        PurePath(e.name).suffix.lower() or "no ending" for e in entries if not is_folder(e)
    )
    if not entries:
        return "an empty folder"
    listing = ", ".join(folders[:SHOWN]) + (", ..." if len(folders) > SHOWN else "")
    kinds = ", ".join(f"{count} x {suffix}" for suffix, count in files.most_common(SHOWN))
    there = [
        f"{_plural(len(folders), 'folder')} ({listing})" if folders else "",
        f"{_plural(files.total(), 'file')} ({kinds})" if files else "",
    ]
    return " and ".join(filter(None, there))


def _plural(count: int, noun: str) -> str:
    ending = "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{'' if count == 1 else ending}"
