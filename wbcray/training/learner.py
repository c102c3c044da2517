"""Network and method as one module, so that workers, devices and checkpoints carry both."""

from collections.abc import Mapping
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from wbcray.data.batch import Batch
from wbcray.methods.base import Outputs, Targets
from wbcray.methods.method import Method
from wbcray.models.network import Network
from wbcray.training.collective import gather


@final
class Learner(nn.Module):
    """A network that knows the loss it learns from.

    The loss is computed on the global batch: outputs of all workers are gathered first. So an
    alignment penalty sees every domain of the step, and two workers compute the losses of one.
    """

    def __init__(self, network: Network, method: Method) -> None:
        super().__init__()
        self.network = network
        self.method = method

    def forward(
        self, batch: Batch, progress: float
    ) -> tuple[Float[Tensor, ""], Mapping[str, Tensor], Outputs, Targets]:
        """Total loss, its parts, and what the method may observe after the step."""
        features, logits = self.network(batch.images)
        outputs = Outputs(features=gather(features), logits=gather(logits))
        targets = Targets(labels=gather(batch.labels), domains=gather(batch.domains))
        with torch.autocast(batch.images.device.type, enabled=False):
            terms = self.method(outputs, targets, progress)
        seen = Outputs(features=outputs.features.detach(), logits=outputs.logits.detach())
        return terms.total, terms.parts, seen, targets
