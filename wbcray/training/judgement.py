"""How a network is judged: what it predicts for every image of a set, counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from wbcray.core.config import Precision
from wbcray.core.outputs import ImageOutputs
from wbcray.core.result import Counts
from wbcray.data.batch import ImageSet, batches, visits
from wbcray.methods.base import Normalization
from wbcray.models.network import Network
from wbcray.models.statistics import estimate_statistics
from wbcray.training.collective import sum_counts, sum_over_workers
from wbcray.training.epoch import autocast
from wbcray.training.outputs import OutputCollector, joined, sample_evenly
from wbcray.training.runtime import Runtime

_BATCH = 256
"""Images per step without gradient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a set of images says about a network.

    Attributes:
        counts: int64 [domains, true, predicted].
        loss: Mean cross-entropy, in nats.
        outputs: For each image, where they were asked for and are finite.
    """

    counts: Counts
    loss: float
    outputs: ImageOutputs | None = None


@final
class Judge:
    """Judges one network on any set of images, all workers together.

    Where the normalisation adapts, each domain is judged with statistics that were estimated on its
    own images, without their labels; afterwards the network has those of training again.
    """

    def __init__(
        self,
        network: Network,
        normalization: Normalization,
        runtime: Runtime,
        *,
        domains: int,
        precision: Precision,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._network = network
        self._normalization = normalization
        self._runtime = runtime
        self._domains = domains
        self._precision = precision
        self._alive = alive

    @torch.inference_mode()
    def __call__(self, images: ImageSet, *, outputs: bool = False) -> Judgement:
        """Counts over all workers, the mean loss, and `outputs` of each image if wanted."""
        self._network.eval()
        sampled = np.zeros(len(images), dtype=bool)
        if outputs:
            sampled[sample_evenly(images.domains, images.labels)] = True
        counts, loss, seen = self._nothing(), 0.0, list[ImageOutputs | None]()
        for chosen in self._parts(images):
            some = _only(images, chosen)
            collector = self._collector(some, sampled[chosen]) if outputs else None
            with self._adapted(some):
                more, further = self._predict(some, collector)
            counts, loss = counts + more, loss + further
            seen.append(collector.together() if collector else None)
        return Judgement(counts=counts, loss=loss / max(1, len(images)), outputs=joined(seen))

    def _parts(self, images: ImageSet) -> Iterator[npt.NDArray[np.bool_]]:
        """Which images are judged at once: all, or those of one domain."""
        if not self._normalization.adapts:
            yield np.ones(len(images), dtype=bool)
            return
        for domain in np.unique(images.domains):
            yield images.domains == domain

    def _collector(self, images: ImageSet, sampled: npt.NDArray[np.bool_]) -> OutputCollector:
        runtime = self._runtime
        rows = np.flatnonzero(sampled)
        return OutputCollector(images, rows, rank=runtime.rank, world_size=runtime.world_size)

    def _predict(self, images: ImageSet, collector: OutputCollector | None) -> tuple[Counts, float]:
        """Counts, and the sum of the losses."""
        runtime, classes = self._runtime, self._network.head.out_features
        counts = torch.zeros(self._nothing().size, dtype=torch.int64, device=runtime.device)
        losses = torch.zeros((), dtype=torch.float64, device=runtime.device)
        share = {"rank": runtime.rank, "world_size": runtime.world_size}
        for batch in visits(images, _BATCH, runtime.device, **share):
            self._alive()
            with autocast(runtime.device, self._precision):
                features, logits = self._network(batch.images)
            pair = batch.domains * classes + batch.labels
            places = pair * classes + logits.argmax(1)
            # Not bincount, for whose size a GPU makes the host wait.
            counts.scatter_add_(0, places, torch.ones_like(places))
            losses += F.cross_entropy(logits.double(), batch.labels, reduction="sum")
            if collector is not None:
                collector.add(batch.images, features, logits)
        shaped = counts.view(self._nothing().shape).cpu().numpy()
        return sum_counts(shaped, runtime.device), float(sum_over_workers(losses))

    def _nothing(self) -> Counts:
        classes = self._network.head.out_features
        return np.zeros((self._domains, classes, classes), dtype=np.int64)

    @contextmanager
    def _adapted(self, images: ImageSet) -> Iterator[None]:
        if not self._normalization.adapts:
            yield
            return
        before = {name: value.clone() for name, value in self._network.named_buffers()}
        kept = self._normalization.training_share()
        show_images(
            self._network, images, self._runtime, self._precision, kept=kept, alive=self._alive
        )
        try:
            yield
        finally:
            for name, value in self._network.named_buffers():
                value.copy_(before[name])


def show_images(
    network: Network,
    images: ImageSet,
    runtime: Runtime,
    precision: Precision,
    *,
    kept: float = 0.0,
    alive: Callable[[], None] = lambda: None,
) -> None:
    """Estimate the network's statistics of batch norm on these images, without augmentation.

    Every worker sees all of them, so that no worker waits for another and all agree.
    """

    def show() -> None:
        for batch in batches(images, _spread(len(images)), runtime.device):
            alive()
            with autocast(runtime.device, precision):
                network(batch.images)

    network.eval()
    estimate_statistics(network, show, kept=kept)


def _spread(images: int) -> list["np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """Rows of about `_BATCH`, each of images from all over the set, which is sorted by class."""
    everything = np.arange(images, dtype=np.int64)
    number = -(-images // _BATCH)
    return [everything[start::number] for start in range(number)]


def _only(images: ImageSet, chosen: npt.NDArray[np.bool_]) -> ImageSet:
    return replace(
        images,
        positions=images.positions[chosen],
        labels=images.labels[chosen],
        domains=images.domains[chosen],
    )
