"""DANN: features from which a discriminator cannot tell the domain.

Ganin et al., "Domain-Adversarial Training of Neural Networks", JMLR 2016,
https://arxiv.org/abs/1505.07818.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wbcray.core.hyper import choice, hyper
from wbcray.methods.base import LossTerms, Outputs, Penalty, Targets, TrainingFacts, detached
from wbcray.methods.functional import gradient_reversal

_STEEPNESS = 10.0
"""gamma of the paper's schedule, section 5.2.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DannParams:
    """Hyper-parameters of DANN."""

    weight: float = hyper(
        1.0, 1e-4, 1e3, log=True, help="strength of the reversed gradient that reaches the features"
    )
    schedule: str = choice(
        "ramp",
        ("ramp", "constant"),
        help="ramp: strength rises from 0 as in the paper; constant: full strength from the start",
    )
    width: int = hyper(256, 1, 4096, help="units of each hidden layer of the discriminator")
    depth: int = hyper(2, 0, 5, help="hidden layers of the discriminator")


@final
class Dann(Penalty):
    """Cross-entropy of a domain discriminator behind a gradient reversal layer.

    The discriminator minimises it with weight one, the features maximise it with weight
    `weight * (2 / (1 + exp(-10 progress)) - 1)`, or `weight` throughout.

    Differs from DomainBed, which alternates steps of discriminator and network and so gives the
    classifier half of the updates or fewer: here both move in every step, as in the paper. Only
    domains with training images are classes of the discriminator, so that the held-out domain
    cannot be told apart by never occurring.
    """

    citation = "ganin2016dann"
    Params = DannParams
    needs_domains = 2

    output_of: Tensor
    """int64 [domains]: the discriminator's output for each domain, -1 without training images."""

    def __init__(self, params: DannParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        present = facts.counts.sum(dim=1) > 0
        self.register_buffer("output_of", torch.where(present, present.cumsum(0) - 1, -1))
        sizes = [facts.feature_dim, *[params.width] * params.depth]
        layers = [layer for a, b in pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())]
        self.discriminator = nn.Sequential(*layers, nn.Linear(sizes[-1], int(present.sum())))

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """Zero, with zero gradient, for a batch of one domain."""
        features = gradient_reversal(outputs.features, self._strength(progress))
        logits: Tensor = self.discriminator(features)
        exact = logits if logits.dtype == torch.float64 else logits.float()
        wanted = self.output_of[targets.domains]
        known = wanted >= 0
        losses = F.cross_entropy(exact, wanted, reduction="none", ignore_index=-1)
        mean = losses.sum() / known.sum().clamp(min=1)
        several = targets.domains.min() != targets.domains.max()
        loss = torch.where(several, mean, torch.zeros_like(mean))
        return LossTerms(loss, detached(domain=loss))

    def _strength(self, progress: float) -> float:
        if self.params.schedule == "constant":
            return self.params.weight
        # 2 / (1 + exp(-gamma p)) - 1 written so that it cannot overflow
        return self.params.weight * math.tanh(_STEEPNESS * progress / 2)
