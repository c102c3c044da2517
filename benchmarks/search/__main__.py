"""What searches spend until a target: `python -m benchmarks.search curves|replay|real|against`."""

import argparse
import tempfile
from pathlib import Path

from benchmarks.search import against, curves, real, replaying


def main() -> None:
    """Measure one thing and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    for name, module in (
        ("curves", curves),
        ("replay", replaying),
        ("real", real),
        ("against", against),
    ):
        part = parts.add_parser(name, help=(module.__doc__ or "").partition("\n")[0])
        module.options(part)
        part.set_defaults(measure=module.main)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        given.measure(given, Path(folder))


if __name__ == "__main__":
    main()
