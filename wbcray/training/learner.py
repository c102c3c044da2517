"""Network and method as one module, so that workers, devices and checkpoints carry both."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from wbcray.data.batch import Batch
from wbcray.methods.base import Mixture, Outputs, Targets
from wbcray.methods.method import Method
from wbcray.models.network import Network
from wbcray.training.collective import gather, rank, world_size


@final
class Learner(nn.Module):
    """A network that knows the loss it learns from.

    The loss is computed on the global batch: outputs of all workers are gathered first. So an
    alignment penalty sees every domain of the step, an image may be mixed with one that another
    worker holds, and two workers compute the losses of one.
    """

    def __init__(self, network: Network, method: Method) -> None:
        super().__init__()
        self.network = network
        self.method = method

    def forward(
        self, batch: Batch, progress: float
    ) -> tuple[Float[Tensor, ""], Mapping[str, Tensor], Outputs, Targets]:
        """Total loss, its parts, and what the method may observe after the step."""
        targets = Targets(
            labels=gather(batch.labels), domains=gather(batch.domains), noise=gather(batch.noise)
        )
        outputs, targets = self._outputs(batch.images, targets)
        with torch.autocast(batch.images.device.type, enabled=False):
            terms = self.method(outputs, targets, progress)
        seen = Outputs(features=outputs.features.detach(), logits=outputs.logits.detach())
        return terms.total, terms.parts, seen, targets

    def _outputs(
        self, images: Float[Tensor, "share 3 side side"], targets: Targets
    ) -> tuple[Outputs, Targets]:
        """What the network says about the global batch, mixed at the level of the mixing."""
        mixing = self.method.mixing
        after_stage = None
        if mixing.level == "images":
            mixture = mixing.draw(targets, 0)
            images = self._mixed(images, mixture)
            if mixing.mixes_labels:
                targets = replace(targets, mixture=mixture)
        elif mixing.level == "maps":
            after_stage = self._map_mixer(targets)
        own = self.network.features(images, after_stage=after_stage)
        features = gather(own)
        if mixing.level == "features":
            # On every worker, and for all images: the gradient of a partner is not lost.
            mixture = mixing.draw(targets, 0)
            partner = mixing.summary(features)[mixture.partner]
            logits = self.network.classify(mixing.mix(features, partner, mixture.share))
        else:
            logits = gather(self.network.classify(own))
        return Outputs(features=features, logits=logits), targets

    def _map_mixer(self, targets: Targets) -> Callable[[int, Tensor], Tensor]:
        stages = self.method.mixing.stages

        def after_stage(stage: int, maps: Tensor) -> Tensor:
            if stage not in stages:
                return maps
            return self._mixed(maps, self.method.mixing.draw(targets, stages.index(stage)))

        return after_stage

    def _mixed(self, own: Tensor, mixture: Mixture) -> Tensor:
        """This worker's rows, mixed with what their partners on any worker are known by."""
        mine = slice(rank(), None, world_size())
        with torch.no_grad():
            known = gather(self.method.mixing.summary(own))[mixture.partner[mine]]
        return self.method.mixing.mix(own, known, mixture.share[mine])
