"""Every class as often as every other.

Japkowicz, "The Class Imbalance Problem: Significance and Strategies", IC-AI 2000; stated as here in
Kang et al., ICLR 2020, https://arxiv.org/abs/1910.09217.
"""

from typing import Any, final

import numpy as np

from wbcray.core.hyper import NoParams
from wbcray.methods.balancing import balanced_probabilities
from wbcray.methods.base import DrawPlan, Sampler


@final
class ClassBalanced(Sampler):
    """Each class has the same probability, over all domains together."""

    citation = "japkowicz2000imbalance"
    formula = "p(image) = 1 / (classes * images of its class)"
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
            probabilities=balanced_probabilities(labels, domains, exponent=1.0, unit="class")
        )
