"""The hyper-parameters that a study varied: their searched range, their scale, their choices."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Any, final

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.reading.tables import RunTables
from wbcray.search.space import Dimension

PREFIX = "p_"
MOST_STEPS = 6
LOG_RATIO = 100
CROWD = 0.25
"""Where the run does not say what was searched, a parameter is read on a log axis when its positive
values span two decades or more and more than this share of them crowds into the lowest tenth of a
linear axis."""

Floats = npt.NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A hyper-parameter that a study varied.

    Attributes:
        name: Dotted name, as on the command line.
        log: Whether it was searched on a log scale; for older runs, whether one suits its values.
        choices: Its values as text, if they are no numbers; else empty.
        steps: Its values, if they are few numbers; else empty.
        low, high: Ends of the searched range; NaN for choices, and where the run does not say.
    """

    name: str
    log: bool = False
    choices: tuple[str, ...] = ()
    steps: tuple[float, ...] = ()
    low: float = nan
    high: float = nan

    @property
    def column(self) -> str:
        """Its column in the table of trials."""
        return PREFIX + self.name

    @property
    def ranged(self) -> bool:
        """Whether its searched range is known."""
        return not isnan(self.low)

    def positions(self, trials: pd.DataFrame) -> Floats:
        """Where its values lie: log10 on a log scale, the number of a choice, NaN where idle."""
        values = trials[self.column]
        if self.choices:
            codes = {name: float(place) for place, name in enumerate(self.choices)}
            return np.array([codes.get(_text(value), nan) for value in values])
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
        return np.log10(numbers) if self.log else numbers

    def span(self, positions: Floats) -> tuple[float, float]:
        """Both ends of its scale: of the searched range, or of `positions` where none is known."""
        if self.choices:
            return 0.0, float(len(self.choices) - 1)
        if not self.ranged:
            return float(np.nanmin(positions)), float(np.nanmax(positions))
        ends = np.array([self.low, self.high])
        low, high = np.log10(ends) if self.log else ends
        return float(low), float(high)


def searched_dimensions(
    tables: RunTables, *, method: str, held_out: str | None = None
) -> dict[str, Dimension]:
    """What the studies of a method searched, by name; the widest range where they differ.

    Empty where the run does not say.
    """
    domains = tables.facts.domains if held_out is None else (held_out,)
    names = {f"{method}--{domain}" for domain in domains}
    found: dict[str, Dimension] = {}
    for study, space in tables.facts.spaces:
        for one in space.dimensions if study in names else ():
            known = found.setdefault(one.name, one)
            choices = (*known.choices, *(c for c in one.choices if c not in known.choices))
            low, high = min(known.low, one.low), max(known.high, one.high)
            found[one.name] = replace(known, low=low, high=high, choices=choices)
    return found


def varied_parameters(
    trials: pd.DataFrame, searched: Mapping[str, Dimension] | None = None
) -> tuple[Parameter, ...]:
    """The hyper-parameters that differ between `trials`, by name.

    `searched` is from `searched_dimensions`; a parameter that it lacks is judged by its values.
    """
    known = searched or {}
    columns = sorted(name for name in trials.columns if name.startswith(PREFIX))
    found = []
    for column in columns:
        values = trials[column].dropna()
        if values.nunique() > 1:
            dimension = known.get(column.removeprefix(PREFIX))
            found.append(_guessed(column, values) if dimension is None else _said(dimension))
    return tuple(found)


def _said(dimension: Dimension) -> Parameter:
    if dimension.kind == "choice":
        return Parameter(name=dimension.name, choices=tuple(map(_text, dimension.choices)))
    low, high = float(dimension.low), float(dimension.high)
    step = dimension.step or (1 if dimension.kind == "int" else None)
    steps: tuple[float, ...] = ()
    if step is not None and (high - low) / step < MOST_STEPS and not dimension.log:
        count = round((high - low) / step) + 1
        steps = tuple(float(f"{low + step * place:.12g}") for place in range(count))
    return Parameter(name=dimension.name, log=dimension.log, steps=steps, low=low, high=high)


def _guessed(column: str, values: "pd.Series[Any]") -> Parameter:
    name = column.removeprefix(PREFIX)
    numbers = pd.to_numeric(values, errors="coerce")
    if pd.api.types.is_bool_dtype(values) or numbers.isna().any():
        return Parameter(name=name, choices=tuple(sorted({_text(v) for v in values.unique()})))
    low, high = float(np.min(numbers)), float(np.max(numbers))
    crowded = float(np.mean(numbers < low + (high - low) / 10))
    log = low > 0 and high / low >= LOG_RATIO and crowded > CROWD
    steps = sorted(float(value) for value in numbers.unique())
    return Parameter(name=name, log=log, steps=tuple(steps if len(steps) <= MOST_STEPS else ()))


def _text(value: object) -> str:
    """A choice as text; a whole number is written alike as integer and as float."""
    return f"{value:g}" if isinstance(value, int | float) else str(value)
