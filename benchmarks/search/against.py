"""What real searches spent until targets of random searches, against random search itself."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.search.compute import median, quarters, ratio_over_searches, share_reached
from benchmarks.search.real import Trial, spent_to
from benchmarks.search.real import load as load_searches
from benchmarks.search.table import DEFAULTS, Row, load

DIVISIONS = 2000


def options(parser: argparse.ArgumentParser) -> None:
    """What is read."""
    parser.add_argument("curves", type=Path, nargs="+", help="files that `curves` wrote")
    parser.add_argument("--searches", type=Path, nargs="+", required=True, help="of `real`")
    parser.add_argument(
        "--within", type=int, default=64, help="epochs that all searches were given"
    )
    parser.add_argument("--of-target", type=int, default=20, help="configurations of the target's")


def main(given: argparse.Namespace, folder: Path) -> None:
    """Print medians over targets and searches."""
    del folder
    rows = [row for row in load(given.curves) if row.number != DEFAULTS]
    divided = [division(rows, seed, of_target=given.of_target) for seed in range(DIVISIONS)]
    targets = [target for target, _ in divided]
    print(f"targets: best of {given.of_target} of {len(rows)}, median {np.median(targets):.4f}")

    def line(name: str, spent: Sequence[tuple[float, float]]) -> None:
        print(f"{name:50s}{shown(spent, within=given.within)}")

    randomly = [at_random(left, target) for target, left in divided]
    line("random search", randomly)
    for path in given.searches:
        searches = [trials for trials, _ in load_searches(path)]
        every = [(trials, target) for target in targets for trials in searches]
        whole = [spent_to(*one) for one in every]
        line(f"{path.stem}, {len(searches)} searches", whole)
        later = [after_defaults(*one) for one in every]
        line(f"{path.stem}, the defaults do not count", later)
        for name, spent in ((path.stem, whole), ("the defaults do not count", later)):
            ours = np.array([epochs for epochs, _ in spent]).reshape(len(targets), -1).T
            ratio = ratio_over_searches([epochs for epochs, _ in randomly], ours)
            print(f"    random / {name}: {ratio.show()}")
        for trials, again in load_searches(path):
            best = max(one.value or 0.0 for one in trials)
            print(f"    {len(trials)} trials, best {best:.4f}, with new seeds {again}")


def division(rows: Sequence[Row], seed: int, *, of_target: int) -> tuple[float, list[Row]]:
    """The best value of rows drawn at random, and the rows that are left, in a random order."""
    order = np.random.default_rng([20, seed]).permutation(len(rows))
    shuffled = [rows[place] for place in order]
    return max(row.value for row in shuffled[:of_target]), shuffled[of_target:]


def at_random(rows: Sequence[Row], target: float) -> tuple[float, float]:
    """Epochs and seconds of a random search over the rows in turn; infinite if none has it."""
    epochs, seconds = 0, 0.0
    for row in rows:
        epochs, seconds = epochs + row.epochs, seconds + row.seconds
        if row.value >= target:
            return epochs, seconds
    return float("inf"), float("inf")


def after_defaults(trials: Sequence[Trial], target: float) -> tuple[float, float]:
    """As `spent_to`, but trial 0 is paid for and does not end the search."""
    first, rest = trials[0], list(trials[1:])
    epochs, seconds = spent_to(rest, target)
    return first.epochs + epochs, first.seconds + seconds


def shown(spent: Sequence[tuple[float, float]], *, within: int) -> str:
    """Medians and quartiles of one way to search, and how often few epochs were enough."""
    epochs, seconds = ([one[place] for one in spent] for place in (0, 1))
    low, high = quarters(epochs)
    enough = np.mean([one <= within for one in epochs])
    return (
        f"epochs {median(epochs):.0f} ({low:.0f} .. {high:.0f}), seconds {median(seconds):.1f}, "
        f"within {within} epochs {enough:.0%}, ever {share_reached(epochs):.0%}"
    )
