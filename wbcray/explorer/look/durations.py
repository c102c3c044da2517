"""The unit in which hours are read: a short run in seconds or minutes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_FROM = 2.0
"""A unit is used from this many of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of time.

    Attributes:
        name: In the plural.
        short: Its symbol.
        per_hour: How many of it are an hour.
    """

    name: str
    short: str
    per_hour: float


HOURS = Unit(name="hours", short="h", per_hour=1.0)
MINUTES = Unit(name="minutes", short="min", per_hour=60.0)
SECONDS = Unit(name="seconds", short="s", per_hour=3600.0)


def unit_of(hours: Iterable[float]) -> Unit:
    """The largest unit of which the longest of these durations (hours) has two or more."""
    known = np.asarray(list(hours), dtype=np.float64)
    longest = float(np.nanmax(known)) if np.isfinite(known).any() else 0.0
    return next((unit for unit in (HOURS, MINUTES) if longest * unit.per_hour >= _FROM), SECONDS)
