"""Feature passes for penalties that ask to see the training images between steps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, final

import numpy as np

from wbcray.core.seeding import derive_seed
from wbcray.data.batch import ImageSet
from wbcray.methods.base import FeatureTable
from wbcray.methods.method import Method


@final
class FeaturePasses:
    """Calls `method.refresh` when the share of training it asked for has gone by.

    Args:
        method: Says how often (`pass_every`) and how many images (`pass_limit`).
        collect: Makes the feature table of some images of the training fold.
        images: The training fold.
        steps: Steps planned for the fold.
        seed: Decides which images a limited pass takes.
    """

    def __init__(
        self,
        method: Method,
        collect: Callable[[ImageSet], FeatureTable],
        images: ImageSet,
        *,
        steps: int,
        seed: int,
    ) -> None:
        self._method = method
        self._collect = collect
        self._images = images
        share = method.pass_every()
        self._every = None if share is None else max(1, round(share * steps))
        self._seed = seed

    def before_step(self, step: int) -> None:
        """Refresh the method's statistics if it is time."""
        if self._every is None or step == 0 or step % self._every:
            return
        seed = derive_seed(self._seed, "pass", step)
        chosen = limited(self._images, self._method.pass_limit(), seed=seed)
        self._method.refresh(self._collect(chosen))


def limited(images: ImageSet, limit: int | None, *, seed: int) -> ImageSet:
    """At most `limit` images of every domain-class pair, drawn without replacement."""
    if limit is None:
        return images
    rng = np.random.default_rng(seed)
    pairs = images.domains * (int(images.labels.max()) + 1) + images.labels
    kept: list[np.ndarray[Any, np.dtype[np.int64]]] = []
    for pair in np.unique(pairs):
        members = np.flatnonzero(pairs == pair)
        kept.append(rng.permutation(members)[:limit])
    order = np.sort(np.concatenate(kept))
    return replace(
        images,
        positions=images.positions[order],
        labels=images.labels[order],
        domains=images.domains[order],
    )
