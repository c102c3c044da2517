"""A learner in miniature: features, mixing, classifier and the loss of a method.

It does what training does in every step, on one vector per image in place of a network: where a
mixing works on images or maps, the vector is lifted to them and brought back afterwards.
"""

from dataclasses import replace
from functools import cache
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wbcray.core.config import Composition
from wbcray.core.hyper import parse_params
from wbcray.methods.base import LossTerms, Mixing, Mixture, Outputs, Targets
from wbcray.methods.method import Method, build_method
from wbcray.methods.parts import part_class
from wbcray.testing.batches import COUNTS, DIM, Batch, batch, facts, table

_SIDE = 8


@final
class Learner:
    """A method and a fixed classifier; `loss` is that of one step.

    Args:
        composition: The method.
        counts: Training images of the fold.
        known: Whether the method has seen a feature pass, so that every statistic exists.
    """

    def __init__(
        self, composition: Composition, *, counts: Tensor = COUNTS, known: bool = True
    ) -> None:
        torch.manual_seed(0)
        self.method: Method = build_method(composition, facts(counts))
        if known:
            self.method.refresh(table(counts))
        self.head = head()
        self.cosine = _has_cosine_head(composition)

    def outputs(
        self, features: Tensor, targets: Targets, *, workers: int = 1
    ) -> tuple[Outputs, Targets]:
        """What the network says after mixing, and the targets with whom the labels were mixed."""
        mixing = self.method.mixing
        if mixing.level == "none":
            return Outputs(features=features, logits=self.logits(features)), targets
        x = _lifted(features, mixing)
        places = max(1, len(mixing.stages))
        for place in range(places):
            mixture = mixing.draw(targets, place)
            x = _mixed(mixing, x, mixture, workers)
            if mixing.mixes_labels:
                targets = replace(targets, mixture=mixture)
        mixed = _lowered(x, mixing)
        seen = features if mixing.level == "features" else mixed
        return Outputs(features=seen, logits=self.logits(mixed)), targets

    def logits(self, features: Tensor) -> Tensor:
        """The classifier, of the kind that the loss is meant for."""
        if not self.cosine:
            return self.head(features)  # type: ignore[no-any-return]  # torch's modules return Any
        return F.normalize(features, dim=1) @ F.normalize(self.head.weight, dim=1).T

    def loss(
        self, given: Batch, *, progress: float = 1.0, workers: int = 1
    ) -> tuple[LossTerms, Tensor]:
        """The loss, and its gradient at the features (also through the logits)."""
        features = given.features.clone().requires_grad_()
        outputs, targets = self.outputs(features, given.targets, workers=workers)
        terms: LossTerms = self.method(outputs, targets, progress)
        (gradient,) = torch.autograd.grad(terms.total, features, materialize_grads=True)
        return terms, gradient

    def observe(self, *, seed: int, progress: float = 0.5) -> None:
        """Let the method see a finished step."""
        given = batch(seed=seed)
        with torch.no_grad():
            outputs, targets = self.outputs(given.features, given.targets)
            self.method.observe(outputs, targets, progress)


def head() -> nn.Linear:
    """A linear classifier, always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return nn.Linear(DIM, COUNTS.shape[1])


def _has_cosine_head(composition: Composition) -> bool:
    part = composition.classification
    kind = part_class("classification", part.name)
    params = parse_params(kind.Params, part.values, prefix="classification.")
    return bool(kind.head(params) == "cosine")


def _mixed(mixing: Mixing, x: Tensor, mixture: Mixture, workers: int) -> Tensor:
    """Every worker mixes its own rows with summaries that were gathered from all."""
    rows = torch.arange(len(x))
    shares = [rows[worker::workers] for worker in range(workers)]
    summaries = torch.cat([mixing.summary(x[mine]) for mine in shares])
    if mixing.level != "features":
        summaries = summaries.detach()
    back = torch.cat(shares).argsort()
    partner = summaries[back][mixture.partner]
    mixed = [mixing.mix(x[mine], partner[mine], mixture.share[mine]) for mine in shares]
    return torch.cat(mixed)[back]


def _lifted(features: Tensor, mixing: Mixing) -> Tensor:
    """Images in [0, 1] or feature maps of which `_lowered` makes the features again."""
    if mixing.level == "images":
        pixels = (features @ _basis() / 16 + 0.5).clamp(0, 1)
        return pixels.view(len(features), 3, _SIDE, _SIDE)
    if mixing.level == "maps":
        return features[:, :, None, None] * (1 + _pattern())
    return features


def _lowered(x: Tensor, mixing: Mixing) -> Tensor:
    if mixing.level == "images":
        return torch.mm((x.flatten(1) - 0.5) * 16, _basis().T)
    return x.mean(dim=(2, 3)) if mixing.level == "maps" else x


@cache
def _basis() -> Tensor:
    """[dim, pixels], orthonormal rows."""
    generator = torch.Generator().manual_seed(7)
    values = torch.randn(3 * _SIDE * _SIDE, DIM, generator=generator)
    rows: Tensor = torch.linalg.qr(values).Q.T
    return rows


@cache
def _pattern() -> Tensor:
    """What makes a map uneven without changing its mean."""
    generator = torch.Generator().manual_seed(8)
    values = torch.rand(_SIDE, _SIDE, generator=generator) - 0.5
    return values - values.mean()
