"""Which settings decide whether a trial is among the best tenth: PED-ANOVA, by Optuna."""

import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
import pandas as pd

from wbcray.explorer.numbers.optuna_study import optuna_study
from wbcray.explorer.numbers.trials import REPORT_COLUMNS, complete_trials, sampled
from wbcray.explorer.reading.parameters import (
    PREFIX,
    Floats,
    searched_dimensions,
    varied_parameters,
)
from wbcray.explorer.reading.tables import RunTables

if TYPE_CHECKING:
    import optuna

FEWEST = 10
"""Complete trials below which nothing is said."""
MOST = 300
TARGET = 0.1
FEWEST_BEST = 5
"""The best tenth, but at least this many; Optuna's own advice."""
SHUFFLES = 2
_KEPT = 64


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Importances:
    """The importance of the settings of one study; empty where nothing can be said.

    Attributes:
        shares: By name, largest first; they add up to 1.
        chance: What each gets where the values of trials are shuffled, on the same scale.
        trials: Complete trials that they rest on.
    """

    shares: dict[str, float]
    chance: dict[str, float]
    trials: int


_known: "OrderedDict[tuple[str, str, bytes, str], Importances]" = OrderedDict()
"""Answers by what they follow from: several views ask for the same."""


def importances(tables: RunTables, *, method: str, held_out: str) -> Importances:
    """How much each setting of one study has to do with a good trial.

    PED-ANOVA (Watanabe et al. 2023, https://arxiv.org/abs/2304.10255) compares how a setting is
    spread among the best tenth of the complete trials, and among all of them. Shuffles are seeded.
    Of more than 300 complete trials it is given 300, always the same ones.

    Empty with fewer than 10 complete trials, or where the run does not say what was searched.
    """
    chosen = (tables.trials["method"] == method) & (tables.trials["held_out"] == held_out)
    trials = complete_trials(tables.trials[chosen])
    searched = searched_dimensions(tables, method=method, held_out=held_out)
    names = [one.name for one in varied_parameters(trials, searched) if one.name in searched]
    if len(trials) < FEWEST or not names:
        return Importances(shares={}, chance={}, trials=len(trials))
    columns = ["trial", "value", *(PREFIX + name for name in names)]
    rows = pd.util.hash_pandas_object(trials[columns].astype(str), index=False)
    key = (method, held_out, rows.to_numpy().tobytes(), repr(searched))
    if key not in _known:
        # Reports play no part in it, and Optuna copies each of them.
        given = sampled(trials, MOST).drop(columns=list(REPORT_COLUMNS), errors="ignore")
        study = optuna_study(tables, given, method=method, held_out=held_out)
        _known[key] = _computed(study, names)
        if len(_known) > _KEPT:
            _known.popitem(last=False)
    return _known[key]


def _computed(study: "optuna.Study", names: list[str]) -> Importances:
    from optuna.importance import PedAnovaImportanceEvaluator

    values = np.array([trial.value for trial in study.get_trials(deepcopy=False)], dtype=float)
    share = max(TARGET, min(FEWEST_BEST / len(values), 0.5))
    evaluator = PedAnovaImportanceEvaluator(target_quantile=share)
    rng = np.random.default_rng(0)
    with warnings.catch_warnings():
        # Of settings that occur once, and of targets that are to be low: here they are.
        warnings.simplefilter("ignore")
        found = evaluator.evaluate(study, names)
        shuffled = [
            evaluator.evaluate(study, names, target=_lowest_first(rng.permutation(values)))
            for _ in range(SHUFFLES)
        ]
    whole = sum(found.values()) or 1.0
    shares = {name: float(value) / whole for name, value in found.items()}
    chance = {name: float(np.mean([one[name] for one in shuffled])) / whole for name in shares}
    return Importances(shares=shares, chance=chance, trials=len(values))


def _lowest_first(values: Floats) -> "Callable[[optuna.trial.FrozenTrial], float]":
    """A target by the number of a trial, turned round: the evaluator takes low ones for good."""
    return lambda trial: -float(values[trial.number])
