"""Classifier re-training (cRT): a new head on frozen features, with balanced draws.

Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", ICLR 2020,
https://arxiv.org/abs/1910.09217.
"""

from dataclasses import dataclass
from typing import cast, final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from wbcray.core.hyper import choice, hyper
from wbcray.methods.balancing import (
    EXPONENT_HELP,
    UNIT_HELP,
    UNITS,
    Unit,
    balanced_probabilities,
)
from wbcray.methods.base import FeatureTable, Finish, TrainingFacts

_BATCH = 256
"""Rows per step: a step on stored features costs next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierRetrainingParams:
    """Hyper-parameters of classifier re-training."""

    views: int = hyper(1, 1, 8, help="augmented views of every training image")
    steps: int = hyper(1000, 1, 10_000, help=f"steps of {_BATCH} rows on the stored features")
    lr: float = hyper(1e-3, 1e-6, 1e-1, log=True, help="peak learning rate, cosine decay to zero")
    weight_decay: float = hyper(1e-4, 0.0, 1.0, help="decoupled weight decay of the head")
    exponent: float = hyper(1.0, 0.0, 1.0, help=EXPONENT_HELP)
    unit: str = choice("class", UNITS, help=UNIT_HELP)


@final
class ClassifierRetraining(Finish):
    """Forgets the trained head and learns a new one by cross-entropy with balanced draws.

    Differs from the paper: AdamW in place of SGD, a given number of steps, and features of a few
    stored views of each image in place of fresh augmentation in every step.
    """

    citation = "kang2020decoupling"
    formula = "a new head, by cross-entropy on frozen features with balanced draws"
    cost = "`views` feature passes over the training images, once"
    Params = ClassifierRetrainingParams
    linear_only = True

    def __init__(self, params: ClassifierRetrainingParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        self.params = params

    def views(self) -> int:
        """How many augmented views of each image the table should hold."""
        return self.params.views

    def fit(self, head: nn.Linear, table: FeatureTable | None, *, seed: int) -> nn.Linear:
        """A new head of the shape, device and type of `head`; the same for the same `seed`.

        Chance comes from a generator on the CPU, so that the draws do not depend on the device.
        """
        if table is None:
            raise TypeError("classifier re-training needs the feature table of its views")
        generator = torch.Generator().manual_seed(seed)
        draws = self._draws(table, generator).to(table.features.device)
        device_type = table.features.device.type
        with (
            torch.inference_mode(mode=False),
            torch.enable_grad(),
            torch.autocast(device_type=device_type, enabled=False),
        ):
            fresh = _new_head(head, generator).to(table.features.device)
            self._train(fresh, table, draws)
            return fresh.to(device=head.weight.device, dtype=head.weight.dtype)

    def _draws(self, table: FeatureTable, generator: torch.Generator) -> Int[Tensor, "steps batch"]:
        probabilities = balanced_probabilities(
            table.labels.cpu().numpy(),
            table.domains.cpu().numpy(),
            exponent=self.params.exponent,
            unit=cast(Unit, self.params.unit),  # `choice` admits no other value
        )
        # Not torch.multinomial, which refuses more than 2^24 rows.
        heights = torch.from_numpy(probabilities).cumsum(0)
        points = torch.rand(self.params.steps, _BATCH, generator=generator, dtype=torch.float64)
        return torch.searchsorted(heights, points, right=True).clamp(max=len(heights) - 1)

    def _train(
        self, head: nn.Linear, table: FeatureTable, draws: Int[Tensor, "steps batch"]
    ) -> None:
        optimizer = torch.optim.AdamW(
            head.parameters(), lr=self.params.lr, weight_decay=self.params.weight_decay
        )
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.params.steps)
        for rows in draws:
            features: Float[Tensor, "batch dim"] = table.features[rows].float()
            loss = F.cross_entropy(head(features), table.labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def _new_head(head: nn.Linear, generator: torch.Generator) -> nn.Linear:
    """A float32 head on the CPU with PyTorch's initial distribution, drawn from `generator`."""
    fresh = nn.utils.skip_init(
        nn.Linear, head.in_features, head.out_features, bias=head.bias is not None
    )
    bound = head.in_features**-0.5
    for parameter in fresh.parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    linear: nn.Linear = fresh
    return linear
