"""Every domain-class pair as often as every other.

Group-balanced sampling of Idrissi et al., "Simple Data Balancing Achieves Competitive
Worst-Group-Accuracy", CLeaR 2022, https://arxiv.org/abs/2110.14503. Differs from the paper: a group
is a domain-class pair in place of an attribute-class pair.
"""

from typing import Any, final

import numpy as np

from wbcray.core.hyper import NoParams
from wbcray.methods.balancing import balanced_probabilities
from wbcray.methods.base import DrawPlan, Sampler


@final
class DomainClassPair(Sampler):
    """Each pair that has images has the same probability; a domain with more classes has more."""

    citation = "idrissi2022simple"
    formula = "p(image) = 1 / (pairs * images of its domain-class pair)"
    cost = "none"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""

    def plan(
        self,
        labels: np.ndarray[Any, np.dtype[np.int64]],
        domains: np.ndarray[Any, np.dtype[np.int64]],
    ) -> DrawPlan:
        """Draws with replacement."""
        return DrawPlan(
            probabilities=balanced_probabilities(
                labels, domains, exponent=1.0, unit="domain_class_pair"
            )
        )
