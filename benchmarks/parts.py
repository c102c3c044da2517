"""A benchmark of several parts: `python -m benchmarks.NAME PART`, each with options of its own."""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType


def measure(title: str, parts: Mapping[str, ModuleType]) -> None:
    """Run the part that the command line names, in a folder that goes when it has ended.

    Args:
        title: The benchmark's docstring.
        parts: By name: modules with `options(parser)` and `main(given, folder)`; the first line of
            their docstrings is the help.
    """
    parser = argparse.ArgumentParser(description=title)
    commands = parser.add_subparsers(dest="part", required=True)
    for name, module in parts.items():
        command = commands.add_parser(name, help=(module.__doc__ or "").partition("\n")[0])
        module.options(command)
        command.set_defaults(measure=module.main)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        given.measure(given, Path(folder))
