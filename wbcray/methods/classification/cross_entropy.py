"""Softmax cross-entropy.

Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990,
https://doi.org/10.1007/978-3-642-76153-9_28. PyTorch's own function, in float32.
"""

from typing import final

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from wbcray.core.hyper import NoParams
from wbcray.methods.base import ClassificationLoss, TrainingFacts


@final
class CrossEntropy(ClassificationLoss):
    """Minus the log-probability of the true class: `-log softmax(logits)[label]`."""

    citation = "bridle1990softmax"
    formula = "-log softmax(logits)[label]"
    cost = "none beyond the logits"

    def __init__(self, params: NoParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()

    def forward(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int[Tensor, " batch"],
        progress: float,  # noqa: ARG002  # the loss does not change over training
    ) -> Float[Tensor, " batch"]:
        """Loss of each image, in nats."""
        exact = logits if logits.dtype.itemsize > 4 else logits.float()  # noqa: PLR2004  # bytes of float32
        return F.cross_entropy(exact, labels, reduction="none")
