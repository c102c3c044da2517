"""A search space in Optuna's words: what a trial is asked, and who proposes the answers."""

import random
import warnings
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler
from optuna.trial import TrialState

from wbcray.core.hyper import Scalar
from wbcray.core.seeding import derive_seed
from wbcray.search.grid import grid_points
from wbcray.search.space import Dimension, SearchSettings, SearchSpace

STARTUP_TRIALS = 10
"""Random trials before a model is fitted, two per parameter where that is more."""
SEEDS = 2**32
"""Optuna's generators take 32-bit seeds."""
STATES = {
    "COMPLETE": TrialState.COMPLETE,
    "PRUNED": TrialState.PRUNED,
    "FAILED": TrialState.FAIL,
    "INFEASIBLE": TrialState.FAIL,
}
"""Optuna's words for how a trial ended."""


@dataclass(frozen=True, slots=True)
class SuggestSpace:
    """The define-by-run function of a space; a class, because Ray pickles it by plain pickle.

    Conditional parameters are suggested only in trials in which their conditions hold.
    """

    space: SearchSpace

    def __call__(self, trial: Any) -> dict[str, Scalar]:
        """The configuration of `trial`, by dotted name."""
        values: dict[str, Scalar] = {}
        for dimension in self.space.dimensions:
            if dimension.active(values):
                values[dimension.name] = _suggest(trial, dimension)
        return values


def distribution_of(dimension: Dimension) -> BaseDistribution:
    """What Optuna stores for `dimension`; equal to what `SuggestSpace` asks for."""
    if dimension.kind == "choice":
        return CategoricalDistribution(dimension.choices)
    if dimension.kind == "int":
        return IntDistribution(
            int(dimension.low), int(dimension.high), log=dimension.log, step=_whole_step(dimension)
        )
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)


def distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    """The distribution of every parameter, e.g. for rebuilding a study by `add_trial`.

    A rebuilt trial wants those of its own parameters: conditional ones may be absent.
    """
    return {dimension.name: distribution_of(dimension) for dimension in space.dimensions}


def make_sampler(settings: SearchSettings, space: SearchSpace, *, seed: int) -> BaseSampler:
    """The sampler that `settings` name, on its own random stream.

    With conditional parameters, TPE fits one model per group of parameters that occur together;
    GP and QMC draw them independently of the others.

    Raises:
        UsageError: For a grid of more than 100 000 points.
    """
    seed %= SEEDS
    samplers = optuna.samplers
    startup = max(STARTUP_TRIALS, 2 * len(space.dimensions))
    with warnings.catch_warnings():
        # Optuna marks QMC and TPE's groups as experimental; the version is pinned to 5.x
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        match settings.sampler:
            case "tpe":
                grouped = any(dimension.when for dimension in space.dimensions)
                return samplers.TPESampler(seed=seed, n_startup_trials=startup, group=grouped)
            case "random":
                return samplers.RandomSampler(seed=seed)
            case "grid":
                return ConditionalGridSampler(space, seed=seed)
            case "gp":
                return samplers.GPSampler(
                    seed=seed, n_startup_trials=startup, warn_independent_sampling=False
                )
            case "qmc":
                return samplers.QMCSampler(
                    seed=seed, scramble=True, warn_independent_sampling=False
                )


def sampler_of_trial(settings: SearchSettings, space: SearchSpace, number: int) -> BaseSampler:
    """The sampler that `settings` name, for trial `number` alone.

    What it proposes follows from the seed, the number and the trials that the study holds, so a
    search that was interrupted goes on as if it had not been. Sequences that know no chance (grid,
    QMC) keep their seed and go by the number.
    """
    if settings.sampler == "grid":
        return make_sampler(settings, space, seed=settings.seed)
    own = derive_seed(settings.seed, "suggestion", number)
    if settings.sampler == "qmc":
        return NumberedQMCSampler(number, seed=settings.seed % SEEDS, own_seed=own % SEEDS)
    return make_sampler(settings, space, seed=own)


class NumberedQMCSampler(optuna.samplers.QMCSampler):
    """Point `number` of a scrambled Sobol sequence.

    Optuna's own counts points in an attribute of the study, which a rebuilt study lacks.
    """

    def __init__(self, number: int, *, seed: int, own_seed: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            super().__init__(
                seed=seed,
                scramble=True,
                independent_sampler=optuna.samplers.RandomSampler(seed=own_seed),
                warn_independent_sampling=False,
            )
        self._number = number

    def _find_sample_id(
        self, study: optuna.Study, search_space: dict[str, BaseDistribution]
    ) -> int:
        del study, search_space
        return self._number


class ConditionalGridSampler(BaseSampler):
    """Every point of the grid once, in a shuffled order; then all of them again.

    Optuna's own grid sampler repeats a point for every value of a parameter that is idle there, and
    counts what is done by private attributes that a rebuilt study lacks. This one compares
    parameters with those of the study's trials (running ones too), so it resumes from records.
    """

    def __init__(self, space: SearchSpace, *, seed: int) -> None:
        self._distributions = distributions(space)
        self._points = list(grid_points(space))
        random.Random(seed).shuffle(self._points)  # noqa: S311  # an order, not a secret

    def infer_relative_search_space(
        self, study: optuna.Study, trial: optuna.trial.FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """All parameters: a point fixes them together."""
        del study, trial
        return dict(self._distributions)

    def sample_relative(
        self,
        study: optuna.Study,
        trial: optuna.trial.FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """The first point that was tried least often."""
        del search_space
        tried: dict[frozenset[tuple[str, Any]], int] = {}
        for other in study.get_trials(deepcopy=False):
            if other.number != trial.number:
                key = frozenset(other.params.items())
                tried[key] = tried.get(key, 0) + 1
        return min(self._points, key=lambda point: tried.get(frozenset(point.items()), 0))

    def sample_independent(
        self,
        study: optuna.Study,
        trial: optuna.trial.FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """The value where a fixed parameter (an enqueued trial) calls for one the point lacks."""
        fallback = optuna.samplers.RandomSampler(seed=trial.number)
        return fallback.sample_independent(study, trial, param_name, param_distribution)


def _suggest(trial: Any, dimension: Dimension) -> Scalar:
    """`trial` is an Optuna trial or Ray's stand-in for one."""
    value: Scalar
    if dimension.kind == "choice":
        value = trial.suggest_categorical(dimension.name, dimension.choices)
    elif dimension.kind == "int":
        step = _whole_step(dimension)
        low, high = int(dimension.low), int(dimension.high)
        value = trial.suggest_int(dimension.name, low, high, step=step, log=dimension.log)
    else:
        value = trial.suggest_float(
            dimension.name, dimension.low, dimension.high, step=dimension.step, log=dimension.log
        )
    return value


def _whole_step(dimension: Dimension) -> int:
    return 1 if dimension.step is None else int(dimension.step)
