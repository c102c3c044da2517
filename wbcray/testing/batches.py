"""Small batches, folds and feature passes, ordinary ones and those at the edges.

Domains and classes are few: enough for a class that a domain lacks, and for a domain held out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import final

import torch
from torch import Tensor

from wbcray.methods.base import NOISE_COLUMNS, FeatureTable, Targets, TrainingFacts

DIM = 6
"""Width of the features."""

COUNTS = torch.tensor([[8, 4, 2], [6, 3, 0], [0, 0, 0]])
"""[domains, classes]: two source domains, the second without class 2; domain 2 is held out."""

WIDE_COUNTS = torch.tensor([[8, 4, 2], [6, 3, 0], [0, 0, 0], [5, 0, 3]])
"""Three source domains with the held-out one among them; none but the first has all classes."""

ORDINARY = "two domains"

_PAIRS: Mapping[str, tuple[tuple[int, int], ...]] = {
    ORDINARY: ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 0)),
    "one domain": ((0, 0), (0, 1), (0, 2), (0, 0)),
    "a lone image in a domain": ((0, 0), (0, 1), (0, 2), (1, 1)),
    "a single image": ((1, 0),),
    "no image with a positive pair": ((0, 2), (0, 2)),
    "a class is missing": ((0, 0), (0, 2), (1, 0), (1, 0)),
    "one class only": ((0, 1), (0, 1), (1, 1), (1, 1)),
    "every image alone in its domain": ((0, 0), (1, 1)),
}
_WIDE_PAIRS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "three domains": ((0, 0), (3, 0), (0, 1), (1, 0), (1, 1), (3, 2), (0, 2), (1, 0), (3, 0)),
    "a source domain is absent": ((3, 0), (0, 1), (0, 0), (3, 2), (3, 0), (0, 2)),
}
BATCHES: tuple[str, ...] = (*_PAIRS, *_WIDE_PAIRS)
"""The names of the batches; `batch` makes them, `counts_of` says of which fold they are."""


@final
@dataclass(frozen=True, slots=True)
class Batch:
    """What a network makes of some images, and what is known about them."""

    features: Tensor
    targets: Targets

    def permuted(self, order: Tensor) -> "Batch":
        """The same images in another order; their noise goes with them."""
        given = self.targets
        noise = None if given.noise is None else given.noise[order]
        targets = Targets(labels=given.labels[order], domains=given.domains[order], noise=noise)
        return Batch(self.features[order], targets)

    def renumbered(self, new_id: Tensor) -> "Batch":
        """The same images, with other numbers for the domains."""
        return Batch(self.features, replace(self.targets, domains=new_id[self.targets.domains]))


def batch(name: str = ORDINARY, *, seed: int = 0) -> Batch:
    """One of `BATCHES`, always the same for a seed."""
    pairs = _WIDE_PAIRS[name] if name in _WIDE_PAIRS else _PAIRS[name]
    domains, labels = (torch.tensor(ids) for ids in zip(*pairs, strict=True))
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(len(labels), DIM, generator=generator)
    noise = torch.rand(len(labels), NOISE_COLUMNS, generator=generator)
    return Batch(features, Targets(labels=labels, domains=domains, noise=noise))


def counts_of(name: str) -> Tensor:
    """Counts of the fold that the batch `name` is of."""
    return WIDE_COUNTS if name in _WIDE_PAIRS else COUNTS


def facts(counts: Tensor = COUNTS) -> TrainingFacts:
    """What a part may know about a fold of twenty steps."""
    return TrainingFacts(counts=counts, feature_dim=DIM, steps=20)


def table(counts: Tensor = COUNTS, *, seed: int = 1) -> FeatureTable:
    """A feature pass over every training image."""
    observed = counts.nonzero()
    pairs = observed.repeat_interleave(counts[observed[:, 0], observed[:, 1]], dim=0)
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(len(pairs), DIM, generator=generator)
    return FeatureTable(features=features, labels=pairs[:, 1], domains=pairs[:, 0])
