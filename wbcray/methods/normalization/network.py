"""The layers that the run's network has (`network.normalization` in `wbcray.yaml`).

He et al., "Deep Residual Learning for Image Recognition", CVPR 2016,
https://arxiv.org/abs/1512.03385, whose networks they are.
"""

from typing import final

from wbcray.core.hyper import NoParams
from wbcray.methods.base import Normalization


@final
class AsNetwork(Normalization):
    """Leaves the choice to the run, where it holds for every method."""

    citation = "he2016resnet"
    formula = "as `network.normalization` says"
    cost = "none"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""
