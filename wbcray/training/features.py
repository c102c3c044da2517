"""Features of the training images, outside the training steps."""

from collections.abc import Callable
from typing import final

import numpy as np
import torch

from wbcray.core.config import Precision
from wbcray.data.batch import ImageSet, batches
from wbcray.data.noise import Randomness
from wbcray.methods.base import FeatureTable
from wbcray.models.network import Network
from wbcray.training.collective import gather_uneven
from wbcray.training.epoch import autocast
from wbcray.training.runtime import Runtime

_BATCH = 256


@final
class FeatureCollector:
    """Runs images through the network without gradient, shared out over the workers."""

    def __init__(
        self,
        network: Network,
        runtime: Runtime,
        precision: Precision,
        *,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._network = network
        self._runtime = runtime
        self._precision = precision
        self._alive = alive

    def plain(self, images: ImageSet) -> FeatureTable:
        """Features of the images as they are."""
        return self._collect(images, None)

    def augmented(self, images: ImageSet, randomness: Randomness) -> FeatureTable:
        """Features of the images under one augmentation."""
        return self._collect(images, randomness)

    @torch.no_grad()
    def _collect(self, images: ImageSet, randomness: Randomness | None) -> FeatureTable:
        everything = np.arange(len(images), dtype=np.int64)
        mine = everything[self._runtime.rank :: self._runtime.world_size]
        rows = [mine[start : start + _BATCH] for start in range(0, len(mine), _BATCH)]
        was_training = self._network.training
        self._network.eval()
        features = []
        for batch in batches(images, rows, self._runtime.device, randomness=randomness):
            self._alive()
            with autocast(self._runtime.device, self._precision):
                found, _ = self._network(batch.images)
            features.append(found)
        self._network.train(was_training)
        device = self._runtime.device
        return FeatureTable(
            features=gather_uneven(torch.cat(features), len(images)),
            labels=torch.from_numpy(images.labels).to(device),
            domains=torch.from_numpy(images.domains).to(device),
        )
