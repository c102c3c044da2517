"""Every class of a domain as often as every other, and the domains in equal shares.

The class-balanced sampling of Yang, Wang & Katabi, "On Multi-Domain Long-Tailed Recognition,
Imbalanced Domain Generalization and Beyond", ECCV 2022, https://arxiv.org/abs/2203.09513, as in
their code. Differs from it: the batch size counts all domains together.
"""

from typing import Any, final

import numpy as np

from wbcray.core.hyper import NoParams
from wbcray.methods.balancing import balanced_probabilities
from wbcray.methods.base import DrawPlan, Sampler


@final
class ClassWithinDomain(Sampler):
    """Domains are strata; within a domain every class has the same probability.

    A class that a domain lacks has a smaller share over all domains than the others.
    """

    citation = "yang2022boda"
    formula = "p(image) = 1 / (domains * classes of its domain * images of its pair)"
    cost = "none"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""

    def plan(
        self,
        labels: np.ndarray[Any, np.dtype[np.int64]],
        domains: np.ndarray[Any, np.dtype[np.int64]],
    ) -> DrawPlan:
        """Draws with replacement within each domain."""
        return DrawPlan(
            probabilities=balanced_probabilities(
                labels, domains, exponent=1.0, unit="class_within_domain"
            ),
            strata=domains,
        )
