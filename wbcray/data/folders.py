"""Read a folder of class folders: what is an image, and what only bears the name of one."""

import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from wbcray.core.errors import DataError
from wbcray.data.layouts.walk import list_folder

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")

_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def class_folders(root: Path) -> dict[str, list[Path]]:
    """The images of every folder directly under `root`, hidden and system folders left out.

    Raises:
        DataError: For a folder that cannot be read, or an image that is no file.
    """
    return {
        path.name: images_in(path)
        for path in (root / entry.name for entry in list_folder(root))
        if path.is_dir()
    }


def images_in(folder: Path) -> list[Path]:
    """The image files directly in `folder`, sorted.

    Raises:
        DataError: For a folder that cannot be read, or an image that is no file.
    """
    found = []
    for entry in list_folder(folder):
        if not entry.name.lower().endswith(IMAGE_SUFFIXES):
            continue
        # a DirEntry raises for a circle of links, where a Path answers no
        path = folder / entry.name
        if entry.is_file(follow_symlinks=False) or path.is_file():
            found.append(path)
        # opening a FIFO would wait for ever, so what it is must be known before
        elif not path.is_dir():
            raise _no_file(path)
    return found


def no_images(what: str, folder: Path) -> DataError:
    """The error for a folder without images, saying what is there instead."""
    return DataError(
        f"{what} has no image: {contents(folder)}",
        where=str(folder),
        fix=f"put {', '.join(IMAGE_SUFFIXES)} files there, or remove it",
    )


def contents(folder: Path) -> str:
    """What lies directly in a folder, in few words."""
    paths = [folder / entry.name for entry in list_folder(folder)]
    files = [path.name for path in paths if path.is_file()]
    folders = len(paths) - len(files)
    first = f" (first: '{files[0]}')" if files else ""
    return f"there are {len(files)} files{first} and {folders} folders" if paths else "it is empty"


def refuse_odd_names(paths: Iterable[str], root: Path) -> None:
    """Do nothing for names that every file system and every record can hold.

    Raises:
        DataError: For a name that is not UTF-8, or two that differ in case alone.
    """
    folded: dict[str, str] = {}
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError:
            raise DataError(
                f"the file name {path!r} is not UTF-8 text",
                where=str(root).encode(errors="replace").decode(),
                fix="rename the file",
            ) from None
        other = folded.setdefault(path.casefold(), path)
        if other != path:
            raise DataError(
                f"'{other}' and '{path}' differ in case alone, and are one file on many systems",
                where=str(root),
                fix="rename one of them, or leave one out with `ignore`",
            )


def refuse_unreadable(root: Path, domain: str) -> None:
    """Do nothing for a folder or file that is there.

    Raises:
        DataError: Where there is none, or nothing may be known about it.
    """
    try:
        root.stat()
    except PermissionError:
        raise DataError(
            f"permission denied to read the images of domain '{domain}'",
            where=str(root),
            fix="let your user read it, with every folder above it",
        ) from None
    except OSError as error:
        raise DataError(
            f"the folder of domain '{domain}' does not exist ({error.strerror})",
            where=str(root),
            fix="correct `path` in wbcray.yaml, or mount the data",
        ) from None


def images_beside(folder: Path, paths: Sequence[str]) -> set[str]:
    """Every image that lies in the same folders as `paths`, relative to `folder`."""
    parents = {(folder / path).parent for path in paths}
    return {
        _relative(image, folder)
        for parent in parents
        if parent.is_dir()
        for image in images_in(parent)
    }


def _relative(image: Path, folder: Path) -> str:
    return image.relative_to(folder).as_posix() if image.is_relative_to(folder) else str(image)


def _no_file(path: Path) -> DataError:
    try:
        kind = _KINDS.get(stat.S_IFMT(path.stat().st_mode), "no file")
        what = f"'{path.name}' is {kind}, not an image"
    except OSError:
        what = f"'{path.name}' is a link that leads to no file"
    return DataError(what, where=str(path), fix="remove it, or put the image in its place")
