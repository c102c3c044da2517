"""A YAML file under examination: its values, where they stand, and what is wrong with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wbcray.core.errors import UsageError
from wbcray.core.problems import Problems, show
from wbcray.core.yaml_file import Document


class ExaminedFile:
    """Notes what only shows in the light of other values or of the file system."""

    def __init__(self, document: Document, problems: Problems) -> None:
        self.document = document
        self.problems = problems
        self.folder = document.path.absolute().parent

    def note(self, what: str, *key_path: str | int, fix: str) -> None:
        """Note a problem with the value at `key_path`."""
        self.problems.add(UsageError(what, where=self.document.where(*key_path), fix=fix))

    def path(self, given: str, *key_path: str) -> Path | None:
        """The absolute path that `given` means, relative to the file; None once refused."""
        try:
            path = (self.folder / Path(given).expanduser()).resolve()
            path.exists()  # raises for names that no file system takes
        except (OSError, RuntimeError) as error:
            self.note(
                f"{'.'.join(key_path)}: cannot follow the path {show(given)} ({str(error)[:80]})",
                *key_path,
                fix="write a path relative to this file, or an absolute one",
            )
            return None
        return path

    def refuse_repeats(
        self, section: str, kind: str, values: Mapping[Any, Any], *, fix: str = ""
    ) -> None:
        """Note every value of `section` (key -> value) that an earlier key has, too."""
        first: dict[Any, Any] = {}
        for key, value in values.items():
            if value not in first:
                first[value] = key
                continue
            shown = value if isinstance(value, str) else value[0]
            self.note(
                f"{kind} {show(shown)} stands twice",
                section,
                key,
                fix=f"it is also at {self.document.where(section, first[value])}; "
                + (fix or "remove one"),
            )
