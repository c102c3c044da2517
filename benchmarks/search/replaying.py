"""Replay searches on curves drawn from recorded ones: what each way spends until a target."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.search.arms import OURS, RANDOM, World, arms
from benchmarks.search.compute import median_range, quarters, ratio_range, share_reached
from benchmarks.search.replay import Spent
from benchmarks.search.surface import Surface
from benchmarks.search.table import DEFAULTS, Row, load


def options(parser: argparse.ArgumentParser) -> None:
    """What is replayed."""
    parser.add_argument("curves", type=Path, nargs="+", help="files that `curves` wrote")
    parser.add_argument("--method", default="erm")
    parser.add_argument("--follow", default="optimizer.lr", help="what decides the curves")
    parser.add_argument("--searches", type=int, default=100, help="of each way")
    parser.add_argument("--of-target", type=int, default=20, help="configurations of the target's")
    parser.add_argument("--most-epochs", type=int, default=2000, help="where a search gives up")
    parser.add_argument(
        "--defaults-do-not-count",
        action="store_true",
        help="a search goes on where the defaults alone have the target",
    )
    parser.add_argument(
        "--defaults-at", type=float, help="other defaults of what is followed, 0 .. 1 of its range"
    )
    parser.add_argument("--only", nargs="+", default=[], help="ways, by name")


def main(given: argparse.Namespace, folder: Path) -> None:
    """Run all arms and print what they spent."""
    del folder
    from wbcray.cluster.spaces import load_space

    rows = load(given.curves)
    space = load_space(given.method, None)
    first = next(row for row in rows if row.number == DEFAULTS)
    surface = Surface(space, rows, name=given.follow)
    defaults = dict(first.params)
    if given.defaults_at is not None:
        defaults[given.follow] = surface.value_at(given.defaults_at)
    world = World(space=space, defaults=defaults, surface=surface)
    folds = len(first.folds)
    known = arms(space.settings, epochs=first.epochs // folds, folds=folds)
    describe(first, [row for row in rows if row.number != DEFAULTS], surface)
    targets = [world.target(given.of_target, seed=seed) for seed in range(given.searches)]
    found: dict[str, list[Spent]] = {}
    for name in dict.fromkeys([RANDOM, *(given.only or known)]):
        found[name] = [
            known[name].run(
                world,
                seed=seed,
                target=target,
                counted=not given.defaults_do_not_count,
                most_epochs=given.most_epochs,
            )
            for seed, target in enumerate(targets)
        ]
        line(name, found[name], found[RANDOM], found.get(OURS))


def describe(first: Row, drawn: Sequence[Row], surface: Surface) -> None:
    """Print what the table holds."""
    values = np.array([row.value for row in drawn])
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    seconds = np.median([row.seconds for row in drawn])
    print(
        f"{len(drawn)} random configurations of {first.epochs} epochs, {seconds:.1f} s of processor"
        f" (median)\nvalues: best {values.max():.4f}, quartiles {low:.4f} {middle:.4f} {high:.4f}; "
        f"defaults {first.value:.4f}, better than {np.mean(values < first.value):.0%}\n"
        f"noise of an epoch's score beside the mean curve: sd {surface.noise.std():.4f}\n"
    )
    print(
        f"{'':44s}{'epochs to target':>24s}{'quartiles':>14s}{'random / it':>24s}"
        f"{'ours / it':>24s}{'reached':>9s}{'trials':>8s}"
    )


def line(
    name: str, spent: Sequence[Spent], random: Sequence[Spent], ours: Sequence[Spent] | None
) -> None:
    """Print one arm; ratios are of medians, of searches with the same targets."""
    epochs = costs(spent)
    quartiles = "-".join("never" if np.isinf(q) else f"{q:.0f}" for q in quarters(epochs))
    ratios = [
        ratio_range(costs(other), epochs, paired=True).show(".2f") if other else ""
        for other in (random, ours)
    ]
    trials = np.median([one.trials for one in spent])
    print(
        f"{name:44s}{median_range(epochs).show('.0f'):>24s}{quartiles:>14s}"
        f"{ratios[0]:>24s}{ratios[1]:>24s}{share_reached(epochs):>9.0%}{trials:>8.0f}",
        flush=True,
    )


def costs(spent: Sequence[Spent]) -> list[float]:
    """Epochs of each search, infinite where it never reached the target."""
    return [float(one.epochs) if one.reached else float("inf") for one in spent]
