"""Classes by the square root of how many images they have.

"Square-root sampling" of Kang et al., "Decoupling Representation and Classifier for Long-Tailed
Recognition", ICLR 2020, https://arxiv.org/abs/1910.09217.
"""

from typing import Any, final

import numpy as np

from wbcray.core.hyper import NoParams
from wbcray.methods.balancing import balanced_probabilities
from wbcray.methods.base import DrawPlan, Sampler


@final
class SquareRoot(Sampler):
    """A class with N images is drawn with probability proportional to `sqrt(N)`."""

    citation = "kang2020decoupling"
    formula = "p(image) ~ N^-0.5, N the images of its class"
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
            probabilities=balanced_probabilities(labels, domains, exponent=0.5, unit="class")
        )
