"""What the adversarial penalties share: a discriminator of domains, and the strength against it.

Ganin et al., "Domain-Adversarial Training of Neural Networks", JMLR 2016,
https://arxiv.org/abs/1505.07818.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from wbcray.core.hyper import choice, hyper
from wbcray.methods.base import Penalty, TrainingFacts

_STEEPNESS = 10.0
"""gamma of the paper's schedule, section 5.2.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdversarialParams:
    """Hyper-parameters of a penalty that deceives a discriminator."""

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


class AdversarialPenalty(Penalty):
    """A penalty with a discriminator that tells the source domains apart.

    Only domains with training images are classes of the discriminator, so that the held-out domain
    cannot be told apart by never occurring.
    """

    output_of: Tensor
    """int64 [domains]: the discriminator's output for each domain, -1 without training images."""

    def __init__(self, params: AdversarialParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        present = facts.counts.sum(dim=1) > 0
        self.register_buffer("output_of", torch.where(present, present.cumsum(0) - 1, -1))
        sizes = [facts.feature_dim, *[params.width] * params.depth]
        layers = [layer for a, b in pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())]
        self.discriminator = nn.Sequential(*layers, nn.Linear(sizes[-1], int(present.sum())))

    def losses(
        self, inputs: Float[Tensor, "batch dim"], domains: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, " batch"], Bool[Tensor, " batch"]]:
        """Cross-entropy of each image's domain, and whether the domain has training images.

        An image of another domain has loss zero.
        """
        logits: Tensor = self.discriminator(inputs)
        exact = logits if logits.dtype == torch.float64 else logits.float()
        wanted = self.output_of[domains]
        return F.cross_entropy(exact, wanted, reduction="none", ignore_index=-1), wanted >= 0

    def strength(self, progress: float) -> float:
        """Weight with which the features work against the discriminator."""
        if self.params.schedule == "constant":
            return self.params.weight
        # 2 / (1 + exp(-gamma p)) - 1 written so that it cannot overflow
        return self.params.weight * math.tanh(_STEEPNESS * progress / 2)
