"""Equal shares of every source domain in every batch.

The minibatches of Gulrajani & Lopez-Paz, "In Search of Lost Domain Generalization", ICLR 2021,
https://arxiv.org/abs/2007.01434. Differs from their code: a domain's images come in permutations,
not with replacement, and the batch size counts all domains together.
"""

from typing import Any, final

import numpy as np

from wbcray.core.hyper import NoParams
from wbcray.methods.base import DrawPlan, Sampler


@final
class Domain(Sampler):
    """Domains are strata; within a domain every image has the same probability."""

    citation = "gulrajani2021search"
    formula = "p(image) = 1 / (domains * images of its domain)"
    cost = "none"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""

    def plan(
        self,
        labels: np.ndarray[Any, np.dtype[np.int64]],  # noqa: ARG002  # the common signature
        domains: np.ndarray[Any, np.dtype[np.int64]],
    ) -> DrawPlan:
        """Permutations within each domain."""
        return DrawPlan(strata=domains)
