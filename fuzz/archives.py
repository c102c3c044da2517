"""Archives: an index is checked or refused; what is unpacked lies inside its folder."""

import io
import shutil
import tarfile
import zipfile
from pathlib import Path

from fuzz.target import Target
from wbcray.data.archive.opening import read_index
from wbcray.data.archive.unpacking import unpack

_FILES = {"cells/blast/1.png": b"one" * 20, "cells/blast/2.png": b"", "cells/ü.png": b"2"}
_SMALL = 1_000_000


def _zip(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in _FILES.items():
            # the time is part of the archive
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def _tar(form: int, packing: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{packing}", format=form) as archive:
        for name, content in _FILES.items():
            info = tarfile.TarInfo(f"{'deep/' * 25}{name}")
            info.size = len(content)
            info.mtime = 1.5 if form == tarfile.PAX_FORMAT else 1
            archive.addfile(info, io.BytesIO(content))
    # a short last record, for less to change
    return buffer.getvalue() if packing else buffer.getvalue()[: archive.offset]


def read(path: Path) -> None:
    """Check the index; unpack what is small."""
    index = read_index(path)
    if index.size > _SMALL:
        return
    folder = path.with_name(f"{path.name}-unpacked")
    try:
        unpack(path, folder)
        found = {one for one in folder.rglob("*") if not one.is_dir()}
        expected = {folder / file.path for file in index.files}
        if found != expected or any(one.is_symlink() or not one.is_file() for one in found):
            raise AssertionError(f"unpacked {found}, the index has {expected}")
        if sum(one.stat().st_size for one in found) != index.size:
            raise AssertionError("unpacked other than the declared bytes")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if any(one.name.startswith(f".{folder.name}") for one in path.parent.iterdir()):
            raise AssertionError("an unfinished folder was left behind")


TARGET = Target(
    name="archives",
    seeds=(
        _zip(zipfile.ZIP_DEFLATED),
        _zip(zipfile.ZIP_STORED),
        _tar(tarfile.PAX_FORMAT),
        _tar(tarfile.GNU_FORMAT),
        _tar(tarfile.PAX_FORMAT, "gz"),
        _tar(tarfile.USTAR_FORMAT, "xz"),
        _tar(tarfile.USTAR_FORMAT, "bz2"),
    ),
    read=read,
)
