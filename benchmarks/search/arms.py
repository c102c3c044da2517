"""The searches that are compared on recorded curves: ours, random search, and ours changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from benchmarks.search.halving import Halving, rungs_of
from benchmarks.search.proposals import Proposer, TPESettings
from benchmarks.search.replay import Spent, search
from benchmarks.search.surface import Surface
from benchmarks.search.table import Report, Row, in_turn, side_by_side
from wbcray.core.hyper import Scalar
from wbcray.search.space import SamplerName, SearchSettings, SearchSpace

OURS = "ours"
RANDOM = "random search"
NEAR = "startup near the defaults"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where searches are replayed: a space, its defaults, and what a configuration scores."""

    space: SearchSpace
    defaults: Mapping[str, Scalar]
    surface: Surface

    def target(self, configurations: int, *, seed: int) -> float:
        """The best objective of a random search of so many configurations."""
        chance = np.random.default_rng([seed, 0])
        proposer = Proposer(space=self.space, first=None, seed=seed + 10**6, sampler="random")
        drawn = (self.surface.draw(*proposer.next(), chance) for _ in range(configurations))
        return max(row.value for row in drawn)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way to search.

    Attributes:
        sampler: As a search space names it.
        tpe: TPE with other settings than ours.
        defaults: Whether trial 0 is the method's defaults.
        spared: Whether trial 0 is never stopped.
        rungs: Epochs at which trials are judged; none are stopped without any.
        reduction: One in so many goes on.
        least: Trials that pass a rung unjudged.
        slots: Trials at once.
        seen: How a row's folds become reports.
    """

    sampler: SamplerName = "tpe"
    tpe: TPESettings | None = None
    defaults: bool = True
    spared: bool = True
    rungs: tuple[int, ...] = ()
    reduction: float = 3
    least: int = 1
    slots: int = 1
    seen: Callable[[Row], list[Report]] = in_turn

    def run(
        self, world: World, *, seed: int, target: float, counted: bool, most_epochs: float
    ) -> Spent:
        """Search in `world` until the target.

        With `counted` false the defaults themselves do not end the search, however good they are.
        """
        chance = np.random.default_rng([seed, 1])
        return search(
            self.proposer(world.space, world.defaults, seed),
            lambda number, params: world.surface.draw(number, params, chance),
            self.halving(),
            target=target,
            slots=self.slots,
            most_epochs=most_epochs,
            uncounted=(0,) if self.defaults and not counted else (),
            seen=self.seen,
        )

    def halving(self) -> Halving | None:
        """Who stops trials."""
        if not self.rungs:
            return None
        spared = (0,) if self.spared and self.defaults else ()
        return Halving(self.rungs, reduction=self.reduction, least=self.least, spared=spared)

    def proposer(self, space: SearchSpace, first: Mapping[str, Scalar], seed: int) -> Proposer:
        """Who proposes configurations."""
        start = first if self.defaults else None
        return Proposer(
            space=space, first=start, seed=seed, sampler=self.sampler, tpe=self.tpe, middle=first
        )


def arms(settings: SearchSettings, *, epochs: int, folds: int) -> dict[str, Arm]:
    """All arms, by name: random search, ours, then one change of ours each."""
    budget = epochs * folds
    grace, reduction = settings.grace_epochs, settings.reduction_factor
    rungs = rungs_of(grace=grace, reduction=reduction, budget=budget - 1)
    ours = Arm(rungs=rungs, reduction=reduction)
    ends = tuple(epochs * fold for fold in range(1, folds))

    def judged(grace: int, reduction: int) -> Arm:
        at = rungs_of(grace=grace, reduction=reduction, budget=budget - 1)
        return replace(ours, rungs=at, reduction=reduction)

    def tpe(**changes: float) -> Arm:
        return replace(ours, tpe=replace(TPESettings(), **changes))  # type: ignore[arg-type]

    return {
        RANDOM: Arm(sampler="random", defaults=False),
        OURS: ours,
        "random, defaults first": Arm(sampler="random"),
        "random, defaults first, halving": replace(ours, sampler="random"),
        "no halving": replace(ours, rungs=()),
        "no defaults": replace(ours, defaults=False),
        "defaults may be stopped": replace(ours, spared=False),
        "two trials at once": replace(ours, slots=2),
        "grace 1": judged(1, reduction),
        "grace 3": judged(3, reduction),
        "grace of a fold": judged(epochs, reduction),
        "reduction 2": judged(grace, 2),
        "reduction 4": judged(grace, 4),
        "grace 1, reduction 2": judged(1, 2),
        "grace 1, reduction 4": judged(1, 4),
        "rungs at ends of folds": replace(ours, rungs=ends),
        "rungs at ends of folds, reduction 2": replace(ours, rungs=ends, reduction=2),
        "rungs at grace and ends of folds": replace(ours, rungs=(grace, *ends)),
        "rungs at every epoch": replace(ours, rungs=tuple(range(grace, budget))),
        "a rung judges from its 4th trial": replace(ours, least=4),
        "folds side by side": replace(ours, seen=side_by_side),
        "folds side by side, grace of an epoch each": replace(
            judged(folds, reduction), seen=side_by_side
        ),
        "5 startup trials": tpe(startup=5),
        "20 startup trials": tpe(startup=20),
        "univariate": tpe(multivariate=False),
        "good: a quarter of the trials": tpe(good=0.25),
        "5 startup trials, good: a quarter": tpe(startup=5, good=0.25),
        NEAR: tpe(around=0.15),
        "startup near the defaults, wider": tpe(around=0.3),
        "startup near the defaults, every second": tpe(around=0.15, every=2),
        "5 startup trials near the defaults": tpe(startup=5, around=0.15),
        "startup near the defaults, grace 1": replace(
            judged(1, reduction), tpe=TPESettings(around=0.15)
        ),
    }
