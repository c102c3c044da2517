"""No finish: the classifier stays as it was trained.

Joint training of features and classifier, the baseline of Kang et al., "Decoupling Representation
and Classifier for Long-Tailed Recognition", ICLR 2020, https://arxiv.org/abs/1910.09217.
"""

from typing import final

from torch import nn

from wbcray.core.hyper import NoParams
from wbcray.methods.base import FeatureTable, Finish


@final
class NoFinish(Finish):
    """Keeps the trained classifier."""

    citation = "kang2020decoupling"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""

    def views(self) -> int:
        """None."""
        return 0

    def fit(
        self,
        head: nn.Linear,
        table: FeatureTable,  # noqa: ARG002  # the common signature
        *,
        seed: int,  # noqa: ARG002  # the common signature
    ) -> nn.Linear:
        """The same head."""
        return head
