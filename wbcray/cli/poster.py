"""`wbcray init --recipe poster`: the setting of the poster, as far as it is known."""

from collections.abc import Sequence
from dataclasses import replace

from wbcray.cli.console import warn
from wbcray.cli.found_domains import Entry
from wbcray.core.errors import DataError

FIELD_OF_VIEW = 25.0
"""Micrometres."""

_SOURCES = ("matek_19", "acevedo_20")
_UNSEEN = ("int_20", "mll23")
"""The unseen domain, which was never published; and its public release by the same laboratory."""
_CLEANING = {"acevedo_20": "rgb"}
"""The poster's image counts fit Acevedo_20 without its 252 images of another acquisition."""


def poster_domains(entries: Sequence[Entry]) -> list[Entry]:
    """The poster's three domains among those that were found.

    Raises:
        DataError: Where one is missing, with a table of where to get them.
    """
    by_layout: dict[str | None, Entry] = {}
    for entry in entries:
        by_layout.setdefault(entry.layout, entry)
    unseen = next((name for name in _UNSEEN if name in by_layout), None)
    missing = [name for name in _SOURCES if name not in by_layout]
    if unseen is None:
        missing.append(" or ".join(_UNSEEN))
    if missing or unseen is None:
        found = ", ".join(sorted(entry.layout or entry.name for entry in entries))
        raise DataError(
            f"the poster's setting needs {', '.join(missing)} as well; found: {found or 'none'}"
            f"{_table()}",
            where="--recipe poster",
            fix="give their folders, too; or leave --recipe out and train on what there is",
        )
    used = [by_layout[name] for name in (*_SOURCES, unseen)]
    for entry in entries:
        if entry not in used:
            warn(f"'{entry.name}' ({entry.path}) is not used: {_why_not(entry, unseen)}")
    return [
        replace(entry, name=str(entry.layout), clean=_CLEANING.get(str(entry.layout)))
        for entry in used
    ]


def _why_not(entry: Entry, unseen: str) -> str:
    if entry.layout in (*_SOURCES, unseen):
        return f"it is a second copy of {entry.layout}"
    if entry.layout in _UNSEEN:
        return f"it is of the same laboratory as {unseen}, and holds images of it again"
    return "the poster did not have it"


def _table() -> str:
    """Where to get the poster's data sets, a line each."""
    from wbcray.data.layouts.load import load_layout

    layouts = [load_layout(name) for name in (*_SOURCES, *_UNSEEN)]
    return "".join(
        f"\n    {layout.name:<11} {layout.licence}: {' '.join(layout.obtain.split())}"
        for layout in layouts
    )
