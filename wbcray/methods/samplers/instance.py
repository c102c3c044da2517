"""Every image once an epoch.

"Instance-balanced sampling" of Kang et al., "Decoupling Representation and Classifier for
Long-Tailed Recognition", ICLR 2020, https://arxiv.org/abs/1910.09217.
"""

from typing import Any, final

import numpy as np

from wbcray.core.hyper import NoParams
from wbcray.methods.base import DrawPlan, Sampler


@final
class Instance(Sampler):
    """Permutations of all training images: frequent domains and classes are seen more often."""

    citation = "kang2020decoupling"
    formula = "p(image) = 1 / images"
    cost = "none"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""

    def plan(
        self,
        labels: np.ndarray[Any, np.dtype[np.int64]],  # noqa: ARG002  # the common signature
        domains: np.ndarray[Any, np.dtype[np.int64]],  # noqa: ARG002  # the common signature
    ) -> DrawPlan:
        """Every image with the same probability."""
        return DrawPlan()
