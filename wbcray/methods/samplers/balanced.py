"""Rare classes or domain-class pairs more often than they occur.

Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", ICLR 2020,
https://arxiv.org/abs/1910.09217: exponent 1 is their class-balanced, 0.5 their square-root, 0 their
instance-balanced sampling. Differs from the paper: the balanced unit may know the domain.
"""

from dataclasses import dataclass
from typing import Any, cast, final

import numpy as np

from wbcray.core.hyper import choice, hyper
from wbcray.methods.balancing import (
    EXPONENT_HELP,
    UNIT_HELP,
    UNITS,
    Unit,
    balanced_probabilities,
)
from wbcray.methods.base import DrawPlan, Sampler


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancedParams:
    """Hyper-parameters of balanced sampling."""

    exponent: float = hyper(1.0, 0.0, 1.0, help=EXPONENT_HELP)
    unit: str = choice("class_within_domain", UNITS, help=UNIT_HELP)


@final
class Balanced(Sampler):
    """A unit with N images is drawn with probability proportional to `N^(1 - exponent)`.

    With `class_within_domain` the domains are strata, so that every batch holds equal shares of
    them. A class that one domain lacks then has a smaller share than the others: with 13 and 10
    classes, 1/26 against 1/26 + 1/20.
    """

    citation = "kang2020decoupling"
    formula = "p(image) ~ N^-exponent, N the images of its unit"
    cost = "none"
    Params = BalancedParams

    def __init__(self, params: BalancedParams) -> None:
        self.params = params

    def plan(
        self,
        labels: np.ndarray[Any, np.dtype[np.int64]],
        domains: np.ndarray[Any, np.dtype[np.int64]],
    ) -> DrawPlan:
        """Draws with replacement."""
        unit = cast(Unit, self.params.unit)  # `choice` admits no other value
        return DrawPlan(
            probabilities=balanced_probabilities(
                labels, domains, exponent=self.params.exponent, unit=unit
            ),
            strata=domains if unit == "class_within_domain" else None,
        )
