"""All that is wrong with one file, gathered into a single error."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from wbcray.core.errors import UsageError, WbcrayError
from wbcray.core.hyper import Scalar

SHOWN = 20
"""How many problems an error lists; the rest are counted."""
WIDTH = 60
"""Characters of a given value that a message repeats."""

E = TypeVar("E", bound=WbcrayError)

_PLACE = re.compile(r"(?P<file>.*?):(?P<line>[0-9]+)(?::(?P<column>[0-9]+))?", re.DOTALL)


class Problems:
    """A growing list of mistakes in one file, so that a user mends them all in one go."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._found: list[UsageError] = []

    def add(self, problem: UsageError) -> None:
        """Note one more problem."""
        self._found.append(problem)

    def raise_any(self) -> None:
        """Do nothing without problems.

        Raises:
            UsageError: The problem itself when there is one; a list of up to 20 when there are
                more.
        """
        if self._found:
            raise together(self._found, self._where)


def together(found: Sequence[E], where: str) -> E:
    """One error for the problems `found` in the file `where`, in the order of its lines.

    A single problem is itself; of more than 20 the rest are counted.
    """
    if not found:
        raise ValueError("there is no problem to tell of")
    if len(found) == 1:
        return found[0]
    ordered = sorted(found, key=_line_number)
    lines = [_one_line(problem) for problem in ordered[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"... and {len(found) - SHOWN} more")
    return type(found[0])(
        "\n    ".join([f"{len(found)} problems in {_name(where)}:", *lines]),
        where=where,
        fix="mend the lines named above",
    )


def show(value: Any) -> str:
    """A value as its file spells it, cut to a readable length: `"fast"`, `null`, `.nan`."""
    if value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, dict):
        text = f"a mapping with {len(value)} keys"
    elif isinstance(value, list):
        text = f"a list of {len(value)}"
    else:
        text = {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(str(value), str(value))
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def require_scalar(value: Any, *, name: str, where: str) -> Scalar:
    """`value` itself, once it is known to be one text, boolean or finite number.

    Raises:
        UsageError: For null, a mapping, a list, NaN or infinity.
    """
    if not isinstance(value, str | bool | int | float):
        raise UsageError(
            f"{name} must be one value, got {show(value)}", where=where, fix="write a single value"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(
            f"{name} must be a finite number, got {show(value)}",
            where=where,
            fix="write the number out",
        )
    return value


def _line_number(problem: WbcrayError) -> tuple[str, int, int]:
    """File, line and column; `where` may end with a line, or with a line and a column."""
    found = _PLACE.fullmatch(problem.where)
    if found is None:
        return problem.where, 0, 0
    return found["file"], int(found["line"]), int(found["column"] or 0)


def _name(where: str) -> str:
    """A place without its folders, which would hide what is said of it."""
    return Path(where).name or where


def _one_line(problem: WbcrayError) -> str:
    place = f"{_name(problem.where)}: " if problem.where else ""
    remedy = f"; {problem.fix}" if problem.fix else ""
    return f"{place}{problem.what}{remedy}"
