"""Options of the commands that measure a search."""

import argparse


def search_options(parser: argparse.ArgumentParser, *, trials: int, slots: int) -> None:
    """How large the search is; `trials` and `slots` are defaults."""
    parser.add_argument("--trials", type=int, default=trials)
    parser.add_argument("--slots", type=int, default=slots)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=6, help="of each fold")
