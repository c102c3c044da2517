"""A difference over several held-out domains, each counting once."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DomainMean:
    """A difference averaged over held-out domains, each counting once.

    No test is offered: two to four domains cannot carry one. `low` and `high` are the smallest
    and largest domain-level difference, `positive` counts the domains above zero.
    """

    domains: int
    mean: float
    low: float
    high: float
    positive: int


def over_domains(differences: Mapping[str, float]) -> DomainMean:
    """The mean of domain-level differences; NaN ones are left out and not counted."""
    known = [value for value in differences.values() if not isnan(value)]
    if not known:
        return DomainMean(domains=0, mean=nan, low=nan, high=nan, positive=0)
    return DomainMean(
        domains=len(known),
        mean=sum(known) / len(known),
        low=min(known),
        high=max(known),
        positive=sum(value > 0 for value in known),
    )
