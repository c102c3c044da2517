"""`wbcray data unpack`: an archive from somewhere, unpacked safely."""

from pathlib import Path
from typing import Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say, shown_path


def unpack(
    archive: Annotated[
        Path, typer.Argument(metavar="ARCHIVE", help="A zip, tar, tar.gz, tar.xz or tar.bz2 file.")
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to: a folder that is new or empty.")
    ],
    *,
    json: opt.Json = False,
) -> None:
    """Unpack an archive that is checked whole first; all of it, or nothing is left behind."""
    from wbcray.data.archive.unpacking import unpack as unpack_archive

    index = unpack_archive(archive, folder)
    if json:
        print_json({"folder": str(folder), "files": len(index.files), "bytes": index.size})
        return
    say(f"{len(index.files)} files, {index.size / 1e6:.1f} MB in {shown_path(folder)}")
