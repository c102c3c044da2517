"""How a search scales: `python -m benchmarks.scale PART`; `--help` names the parts."""

import argparse
import tempfile
from pathlib import Path

from benchmarks.scale import growth, learning, nodes, overhead, plan, studies, workers


def main() -> None:
    """Measure one thing and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    for name, module in (
        ("overhead", overhead),
        ("growth", growth),
        ("studies", studies),
        ("learning", learning),
        ("nodes", nodes),
        ("workers", workers),
        ("plan", plan),
    ):
        part = parts.add_parser(name, help=(module.__doc__ or "").partition("\n")[0])
        module.options(part)
        part.set_defaults(measure=module.main)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        given.measure(given, Path(folder))


if __name__ == "__main__":
    main()
