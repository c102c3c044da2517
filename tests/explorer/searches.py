"""A search space of four settings, and runs that say that they searched it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from wbcray.search.space import Dimension, SearchSettings, SearchSpace

RATE = Dimension(name="optimizer.lr", kind="float", default=1e-3, low=1e-5, high=1e-1, log=True)
DROPOUT = Dimension(name="network.dropout", kind="float", default=0.0, low=0.0, high=0.5)
SAMPLER = Dimension(
    name="sampler", kind="choice", default="shuffled", choices=("shuffled", "balanced")
)
POWER = Dimension(
    name="sampler.power",
    kind="float",
    default=1.0,
    low=0.0,
    high=1.0,
    when=(("sampler", ("balanced",)),),
)
SETTINGS = SearchSettings(grace_epochs=2, reduction_factor=3)


def space(*dimensions, method="m"):
    """A search space of these dimensions; of all four by default."""
    chosen = dimensions or (RATE, DROPOUT, SAMPLER, POWER)
    return SearchSpace(method=method, dimensions=chosen, settings=SETTINGS)


def searched(tables, method, held_out, found):
    """The same tables, whose study of a method on a domain says that it searched `found`."""
    spaces = (*tables.facts.spaces, (f"{method}--{held_out}", found))
    return replace(tables, facts=replace(tables.facts, spaces=spaces))


def reported(tables, reports):
    """The same tables, with what each trial reported: a list of (epochs, value) by number."""
    trials = tables.trials.copy()
    for column, place in (("report_budgets", 0), ("report_values", 1)):
        trials[column] = [[one[place] for one in reports.get(n, ())] for n in trials["trial"]]
    return replace(tables, trials=trials)


def lr_search(builder, trials=24, method="m", held_out="away"):
    """A search in which the learning rate decides alone, the best at 1e-2."""
    rng = np.random.default_rng(1)
    run = builder()
    for number in range(trials):
        rate = float(10 ** rng.uniform(-5, -1))
        params = {"optimizer.lr": rate, "network.dropout": float(rng.uniform(0, 0.5))}
        params["sampler"] = str(rng.choice(["shuffled", "balanced"]))
        if params["sampler"] == "balanced":
            params["sampler.power"] = float(rng.uniform(0, 1))
        value = 0.8 - 0.1 * (np.log10(rate) + 2) ** 2
        run.trial(method, held_out, number, float(value), **params)
    return searched(run.build(), method, held_out, space(method=method))


def frame(values, states=None, budget=10, seconds=360.0):
    """Trials of one study with these values."""
    found = pd.DataFrame({"trial": range(len(values)), "value": values})
    found["state"] = states or ["COMPLETE"] * len(values)
    return found.assign(budget=budget, seconds=seconds)
