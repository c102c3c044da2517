"""How much a search learns from its trials when several of them run at once."""

import argparse
import statistics
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wbcray.core.hyper import Scalar
    from wbcray.search.space import SearchSpace

_WIDTH = 4.0
"""Of the hill: a quarter of a range away from its top in one dimension costs 22 %."""


def units(space: "SearchSpace", params: "Mapping[str, Scalar]") -> dict[str, float]:
    """Where the numbers among the parameters lie in their ranges, from 0 to 1."""
    found = {}
    for dimension in space.dimensions:
        if dimension.kind != "choice" and dimension.name in params:
            at, low, high = float(params[dimension.name]), dimension.low, dimension.high
            if dimension.log:
                at, low, high = np.log(at), np.log(low), np.log(high)
            found[dimension.name] = float((at - low) / (high - low))
    return found


def hill(at: Mapping[str, float], top: Mapping[str, float]) -> float:
    """A score: 1 at the top, less with the square of the distance."""
    return float(np.exp(-_WIDTH * sum((at[name] - top[name]) ** 2 for name in at)))


def gap(space: "SearchSpace", trials: int, at_once: int, seed: int) -> float:
    """What the best of a study's trials lacks to the top; trials end in the order they begin."""
    import optuna

    from wbcray.search.optuna_space import SuggestSpace, sampler_of_trial

    rng = np.random.default_rng(seed)
    top = {dimension.name: rng.uniform() for dimension in space.dimensions}
    settings, suggest = replace(space.settings, seed=seed), SuggestSpace(space)
    study = optuna.create_study(direction="maximize")
    running: deque[tuple[optuna.Trial, float]] = deque()
    for number in range(trials):
        if len(running) == at_once:
            study.tell(*running.popleft())
        study.sampler = sampler_of_trial(settings, space, number)
        trial = study.ask()
        running.append((trial, hill(units(space, suggest(trial)), top)))
    for trial, score in running:
        study.tell(trial, score)
    return 1 - study.best_value


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    parser.add_argument("--methods", nargs="+", default=["erm", "boda"])
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 2, 3, 4, 8, 16, 50])


def main(given: argparse.Namespace, folder: Path) -> None:
    """Measure and print; every number at once meets the same hills."""
    import optuna

    from wbcray.cluster.spaces import load_space

    del folder
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for method in given.methods:
        space = load_space(method, None)
        print(f"{method}: {len(space.dimensions)} parameters, {given.trials} trials a study")
        for at_once in given.at_once:
            found = [gap(space, given.trials, at_once, seed) for seed in range(given.seeds)]
            low, _, high = statistics.quantiles(found, n=4)
            print(
                f"  {at_once:3d} at once: the best lacks {statistics.median(found):.4f} "
                f"(quartiles {low:.4f} .. {high:.4f}, n={len(found)})",
                flush=True,
            )
