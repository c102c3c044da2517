"""Who proposes the next configuration of a search: at random, or Optuna after what was told."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from benchmarks.search.table import Report
from wbcray.core.hyper import Scalar
from wbcray.core.seeding import derive_seed
from wbcray.search.optuna_space import SEEDS, SuggestSpace, distributions, sampler_of_trial
from wbcray.search.space import Dimension, SamplerName, SearchSettings, SearchSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A trial that is over, as a sampler hears of it."""

    params: Mapping[str, Scalar]
    reports: Sequence[Report]
    value: float | None
    """None of a trial that was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TPESettings:
    """TPE's own settings where they differ from wbcray's; None takes wbcray's sampler as it is."""

    startup: int = 10
    multivariate: bool = True
    candidates: int = 24
    good: float = 0.1
    """Share of the trials that TPE takes for the good ones."""
    around: float = 0.0
    """Startup trials are drawn around the defaults, with this standard deviation on each range."""
    every: int = 1
    """Of so many startup trials one is drawn around the defaults, the others evenly."""


@final
@dataclass(kw_only=True)
class Proposer:
    """Optuna's sampler on a study in memory, asked one trial at a time, as a study of ours is.

    Attributes:
        space: What is searched.
        first: Parameters of trial 0; None has the sampler propose it, too.
        seed: Of the search.
        sampler: As a search space names it.
        tpe: TPE with other settings than ours.
        middle: What `TPESettings.around` is around.
    """

    space: SearchSpace
    first: Mapping[str, Scalar] | None
    seed: int
    sampler: SamplerName = "tpe"
    tpe: TPESettings | None = None
    middle: Mapping[str, Scalar] = field(default_factory=dict)
    _study: optuna.Study = field(init=False, repr=False)
    _known: dict[str, BaseDistribution] = field(init=False, repr=False)
    _open: dict[int, optuna.Trial] = field(init=False, default_factory=dict, repr=False)
    _asked: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(direction="maximize")
        self._known = distributions(self.space)

    def next(self) -> tuple[int, dict[str, Scalar]]:
        """The next trial: its number and its parameters."""
        number, self._asked = self._asked, self._asked + 1
        return number, self._params(number)

    def tell(self, number: int, told: Told) -> None:
        """Take a trial that is over into account, with the parameters that it had in the end."""
        trial = self._open.pop(number, None)
        if trial is not None:
            self._study.tell(trial, state=TrialState.FAIL)
        self._study.add_trial(self._frozen(told))

    def _params(self, number: int) -> dict[str, Scalar]:
        if number == 0 and self.first is not None:
            return dict(self.first)
        if self.tpe is not None and self._is_near(self.tpe, number):
            seed = derive_seed(self.seed, "around", number)
            return around(self.space, self.middle, self.tpe.around, seed=seed)
        self._study.sampler = self._sampler(number)
        self._open[number] = trial = self._study.ask()
        return SuggestSpace(self.space)(trial)

    @staticmethod
    def _is_near(tpe: TPESettings, number: int) -> bool:
        return tpe.around > 0 and number < tpe.startup and number % tpe.every == tpe.every - 1

    def _sampler(self, number: int) -> BaseSampler:
        settings = SearchSettings(sampler=self.sampler, seed=self.seed)
        if self.tpe is None:
            return sampler_of_trial(settings, self.space, number)
        grouped = any(dimension.when for dimension in self.space.dimensions)
        good = self.tpe.good
        with warnings.catch_warnings():
            # groups and `gamma` are marked as experimental and as deprecated
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.simplefilter("ignore", FutureWarning)
            return optuna.samplers.TPESampler(
                seed=derive_seed(self.seed, "suggestion", number) % SEEDS,
                n_startup_trials=self.tpe.startup,
                multivariate=self.tpe.multivariate,
                group=grouped and self.tpe.multivariate,
                n_ei_candidates=self.tpe.candidates,
                gamma=lambda trials: math.ceil(good * trials),
            )

    def _frozen(self, told: Told) -> FrozenTrial:
        return create_trial(
            state=TrialState.PRUNED if told.value is None else TrialState.COMPLETE,
            value=told.value,
            params=dict(told.params),
            distributions={name: self._known[name] for name in told.params},
            intermediate_values={report.epochs: report.value for report in told.reports},
        )


def around(
    space: SearchSpace, middle: Mapping[str, Scalar], spread: float, *, seed: int
) -> dict[str, Scalar]:
    """A configuration near `middle`: ranges by a normal law on their own scale, choices evenly."""
    chance = np.random.default_rng(seed)
    values: dict[str, Scalar] = {}
    for dimension in space.dimensions:
        if dimension.active(values):
            values[dimension.name] = _near(dimension, middle, spread, chance)
    return values


def _near(
    dimension: Dimension, middle: Mapping[str, Scalar], spread: float, chance: np.random.Generator
) -> Scalar:
    if dimension.kind == "choice":
        return dimension.choices[int(chance.integers(len(dimension.choices)))]
    start = place(dimension, middle.get(dimension.name, dimension.default))
    share = -1.0
    while not 0 <= share <= 1:
        share = float(chance.normal(start, spread))
    return value_at(dimension, share)


def place(dimension: Dimension, value: Any) -> float:
    """Where a number lies in its searched range, from 0 to 1 on the range's own scale."""
    low, high = _scaled(dimension, dimension.low), _scaled(dimension, dimension.high)
    return (_scaled(dimension, value) - low) / (high - low) if high > low else 0.0


def value_at(dimension: Dimension, share: float) -> Scalar:
    """The number at a place of the searched range, as `place` counts."""
    low, high = _scaled(dimension, dimension.low), _scaled(dimension, dimension.high)
    value = low + share * (high - low)
    return dimension.clip(float(np.exp(value)) if dimension.log else value)


def _scaled(dimension: Dimension, value: Any) -> float:
    return float(np.log(value)) if dimension.log else float(value)
