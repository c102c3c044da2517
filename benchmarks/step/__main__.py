"""What a training step costs: `python -m benchmarks.step precision|compile|sharing|allocator`."""

import argparse
import os

import torch

from benchmarks.step import allocator, compiled, precision, sharing

PARTS = {
    "precision": precision,
    "compile": compiled,
    "sharing": sharing,
    "allocator": allocator,
}


def main() -> None:
    """Measure one thing and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    for name, module in PARTS.items():
        part = parts.add_parser(name, help=(module.__doc__ or "").partition("\n")[0])
        module.options(part)
        part.set_defaults(measure=module.main)
    given = parser.parse_args()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{os.cpu_count()} processors; load {load}; torch {torch.__version__}")
    given.measure(given)


if __name__ == "__main__":
    main()
