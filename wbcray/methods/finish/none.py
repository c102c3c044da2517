"""No finish: the classifier stays as it was trained.

Joint training of features and classifier, the baseline of Kang et al., "Decoupling Representation
and Classifier for Long-Tailed Recognition", ICLR 2020, https://arxiv.org/abs/1910.09217.
"""

from typing import final

from wbcray.core.hyper import NoParams
from wbcray.methods.base import Finish, TrainingFacts


@final
class NoFinish(Finish):
    """Keeps the trained classifier."""

    citation = "kang2020decoupling"
    formula = "the network as it was trained"
    cost = "none"

    def __init__(self, params: NoParams, facts: TrainingFacts) -> None:
        """Nothing to set."""
