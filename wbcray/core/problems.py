"""All that is wrong with one file, gathered into a single error."""

import math
from typing import Any

from wbcray.core.errors import UsageError
from wbcray.core.hyper import Scalar

SHOWN = 20
"""How many problems an error lists; the rest are counted."""
WIDTH = 60
"""Characters of a given value that a message repeats."""


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
        if not self._found:
            return
        if len(self._found) == 1:
            raise self._found[0]
        ordered = sorted(self._found, key=_line_number)
        lines = [_one_line(problem) for problem in ordered[:SHOWN]]
        if len(self._found) > SHOWN:
            lines.append(f"... and {len(self._found) - SHOWN} more")
        raise UsageError(
            "\n    ".join([f"{len(self._found)} problems in {self._where}:", *lines]),
            where=self._where,
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


def _line_number(problem: UsageError) -> tuple[str, int]:
    file, _, line = problem.where.rpartition(":")
    return (file, int(line)) if line.isdecimal() else (problem.where, 0)


def _one_line(problem: UsageError) -> str:
    place = f"{problem.where}: " if problem.where else ""
    remedy = f"; {problem.fix}" if problem.fix else ""
    return f"{place}{problem.what}{remedy}"
