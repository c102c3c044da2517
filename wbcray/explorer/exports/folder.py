"""The folder that an export writes: whole files only, and nothing of anybody else is touched."""

import json
from pathlib import Path
from typing import final

from wbcray.core.errors import RefusedError
from wbcray.explorer.report.page_file import write_file

MANIFEST = "export.json"
_MAKER = "wbcray export"


@final
class ExportFolder:
    """Files of one export by their names relative to the folder.

    The manifest says which files are the export's; it is there before any of them, so that what an
    interrupted export left can be replaced by the next one.

    Args:
        path: The folder; it may exist.
        force: Write into a folder that is not empty and no earlier export.

    Raises:
        RefusedError: For such a folder without `force`, and for a file in place of the folder.
        ResourceError: If the folder cannot be written.
    """

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self.path = path
        self.files: list[str] = []
        if path.exists() and not path.is_dir():
            raise RefusedError("there is a file of this name", where=str(path), fix=_OTHER)
        earlier = _files_of(path)
        if earlier is None and not force and path.exists() and any(path.iterdir()):
            raise RefusedError(
                "the folder holds files that no export wrote",
                where=str(path),
                fix=f"{_OTHER}, or --force to write among them",
            )
        self._earlier = earlier or ()
        self._note(self._earlier, complete=False)

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file below the folder, whole or not at all.

        Raises:
            ResourceError: If it cannot be written.
        """
        data = content.encode() if isinstance(content, str) else content
        write_file(self.path / name, data, what="the export")
        self.written(name)

    def written(self, name: str) -> None:
        """Count a file that somebody else put there as one of the export's."""
        self.files.append(name)

    def finish(self) -> None:
        """Remove what an earlier export left and this one did not write; then say what is there.

        Raises:
            ResourceError: If the manifest cannot be written.
        """
        for name in set(self._earlier) - set(self.files):
            (self.path / name).unlink(missing_ok=True)
        self._note(sorted(self.files), complete=True)

    def _note(self, files: tuple[str, ...] | list[str], *, complete: bool) -> None:
        noted = {"made_by": _MAKER, "complete": complete, "files": list(files)}
        write_file(self.path / MANIFEST, json.dumps(noted, indent=2).encode(), what="the export")


_OTHER = "give another folder with -o"


def _files_of(folder: Path) -> tuple[str, ...] | None:
    """The files of an earlier export, never outside its folder; None if there was none."""
    try:
        noted = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(noted, dict) or noted.get("made_by") != _MAKER:
        return None
    root = folder.resolve()
    names = [str(name) for name in noted.get("files", ())]
    return tuple(name for name in names if (folder / name).resolve().is_relative_to(root))
