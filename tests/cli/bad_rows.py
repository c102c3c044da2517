"""One numbered bad input: how it comes about, and what must be said of it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

USAGE, DATA, STORE, ENVIRONMENT, REFUSED = 2, 3, 4, 5, 7
DESCRIBE = ("data", "describe")
PREPARE = ("data", "prepare")
TUNE = ("tune", "--method", "erm")
TRAIN = ("train", "--method", "erm", "--held-out", "west")


@dataclass(frozen=True)
class Row:
    """A command that must be refused, after `spoil` has changed the working folder."""

    command: tuple[str, ...]
    code: int
    what: str
    where: str
    fix: str
    spoil: Callable[..., object] | None = None


def row(name, *facts):
    """A parameter called by its number in the table of bad inputs."""
    return pytest.param(Row(*facts), id=f"row {name}")


def check(row, place, refused):
    """Spoil the folder, call the command; what, where, fix, exit code, nothing written."""
    if row.spoil is not None:
        row.spoil(place)
    found = refused(*row.command, code=row.code, in_json=False)
    assert row.what in found["what"]
    assert row.where in found["where"]
    assert row.fix in found["fix"]


def replaced(old, new):
    """The project file with another text in place of `old`."""
    return lambda place: place.replace(old, new)
