"""Printing: results on stdout, everything else on stderr, nothing but JSON with `--json`."""

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wbcray.core.errors import WbcrayError

_WIDE = 1000
_LONGEST_FIGURE = 40


def say(text: str) -> None:
    """A remark for the person at the terminal, on stderr."""
    print(text, file=sys.stderr, flush=True)


def shown_path(path: Path) -> str:
    """A path as short as it can be typed here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def warn(text: str) -> None:
    """A remark that should not be overlooked, on stderr."""
    say(f"note: {text}")


def print_json(value: Any) -> None:
    """The one JSON object of a command; numbers that cannot be measured are null."""
    print(json.dumps(_without_nan(value), indent=2, ensure_ascii=False, allow_nan=False))


def print_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], *, note: str = ""
) -> None:
    """A table on stdout, as wide as its contents where the output is no terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    table = Table(title=title, caption=note or None, box=box.SIMPLE_HEAD, title_justify="left")
    for number, name in enumerate(header):
        prose = any(len(row[number]) > _LONGEST_FIGURE for row in rows)
        # names come first, figures after; sentences are what gives way on a narrow terminal
        left = prose or number < 2  # noqa: PLR2004
        table.add_column(name, justify="left" if left else "right", no_wrap=not prose)
    for row in rows:
        table.add_row(*row)
    # by way of `print`, because rich leaves with exit code 1 where nobody reads on
    with console.capture() as captured:
        console.print(table, markup=False)
    print(captured.get(), end="")


def show_error(error: WbcrayError, *, as_json: bool, in_one_line: bool = False) -> None:
    """An error as what, where, fix on stderr.

    Args:
        error: What went wrong.
        as_json: Print it as JSON on stdout instead, where the result would have been.
        in_one_line: Print it as one line of JSON on stderr, and nothing on stdout.
    """
    fields = {"code": error.code, "what": error.what, "where": error.where, "fix": error.fix}
    if in_one_line:
        say(json.dumps({"error": fields}))
        return
    if as_json:
        print_json({"error": fields})
        return
    say(f"error: {error.what}")
    if error.where:
        say(f"  where: {error.where}")
    if error.fix:
        say(f"  fix: {error.fix}")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
