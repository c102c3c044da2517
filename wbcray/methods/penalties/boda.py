"""BoDA: align each class across domains, with rare domain-class pairs given their due.

Yang, Wang & Katabi, "On Multi-Domain Long-Tailed Recognition, Imbalanced Domain Generalization and
Beyond", ECCV 2022, https://arxiv.org/abs/2203.09513.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from wbcray.core.hyper import choice, hyper
from wbcray.methods.base import (
    FeatureTable,
    LossTerms,
    Outputs,
    Penalty,
    Targets,
    TrainingFacts,
    detached,
)
from wbcray.methods.centroids import Centroids
from wbcray.methods.functional import boda, coral


@dataclass(frozen=True, slots=True, kw_only=True)
class BodaParams:
    """Hyper-parameters of BoDA."""

    weight: float = hyper(0.1, 1e-4, 1e3, log=True, help="weight of the BoDA loss")
    macro_weight: float = hyper(
        1.0, 0.0, 1e3, help="weight of the CORAL distance between whole domains; 0 leaves it out"
    )
    nu: float = hyper(0.5, 0.0, 2.0, help="calibration: exponent of the ratio of pair counts")
    temperature: float = hyper(1.0, 1e-2, 1e2, log=True, help="divides every distance")
    momentum: float = hyper(0.2, 0.0, 0.99, help="weight of the old centroids at a refresh")
    warm_up: float = hyper(0.1, 0.0, 1.0, help="share of training before the BoDA loss is added")
    statistics: str = choice(
        "online",
        ("online", "capped", "full"),
        help="centroids from the training steps (free), from passes over up to `cap` images of "
        "each domain-class pair, or from passes over all training images (the authors' way)",
    )
    cap: int = hyper(200, 1, 100_000, help="images per domain-class pair in a capped pass")
    passes: int = hyper(40, 1, 1000, help="refreshes of the centroids over the whole training")


@final
class Boda(Penalty):
    """`weight` times the BoDA loss plus `macro_weight` times CORAL between whole domains.

    The loss is in `methods/functional/boda.py`. Differs from the paper: the CORAL term, the warm-up
    and the temperature come from the authors' code, the warm-up and the refreshes as shares of
    training in place of numbers of steps; centroids are means without covariances, as in that code.
    Differs from that code: `online` statistics need no extra forward pass, a pair without a
    centroid so far is absent in place of lying at the origin, and a batch of one domain costs zero,
    as for every penalty over domains.
    """

    citation = "yang2022boda"
    formula = (
        "weight * mean over same-class centroids j of other domains [ -log softmax_k(-|z - "
        "mu_k| N_k^nu / (N^(1 + nu) T))_j ] + macro_weight * CORAL"
    )
    cost = "distances to all centroids, O(batch pairs dim); one Gram matrix where macro_weight > 0"
    Params = BodaParams
    needs_domains = 2

    counts: Tensor

    def __init__(self, params: BodaParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        self.register_buffer("counts", facts.counts.clone())
        self.centroids = Centroids(
            facts.counts,
            dim=facts.feature_dim,
            momentum=params.momentum,
            interval=max(1, round(facts.steps / params.passes)),
        )

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """The parts `boda` and `macro`; `boda` is zero during the warm-up."""
        zero = outputs.features.new_zeros(()).float()
        macro = coral(outputs.features, targets.domains) if self.params.macro_weight > 0 else zero
        local = self._boda(outputs, targets) if progress >= self.params.warm_up else zero
        total = self.params.weight * local + self.params.macro_weight * macro
        return LossTerms(total, detached(boda=local, macro=macro))

    def _boda(self, outputs: Outputs, targets: Targets) -> Tensor:
        loss = boda(
            outputs.features,
            targets.labels,
            targets.domains,
            centroids=self.centroids.means,
            centroid_domains=self.centroids.domains,
            centroid_labels=self.centroids.labels,
            known=self.centroids.ready,
            counts=self.counts,
            nu=self.params.nu,
            temperature=self.params.temperature,
        )
        several = targets.domains.min() != targets.domains.max()
        return torch.where(several, loss, torch.zeros_like(loss))

    def observe(self, outputs: Outputs, targets: Targets) -> None:
        """Add the step's features to the running sums of `online` statistics."""
        if self.params.statistics == "online":
            self.centroids.step(outputs.features, targets.labels, targets.domains)

    def pass_every(self) -> float | None:
        """Share of training between feature passes; None for `online`."""
        return None if self.params.statistics == "online" else 1 / self.params.passes

    def pass_limit(self) -> int | None:
        """`cap` for `capped` statistics, else no limit."""
        return self.params.cap if self.params.statistics == "capped" else None

    def refresh(self, table: FeatureTable) -> None:
        """Move the centroids towards the means of a feature pass."""
        self.centroids.add(table.features, table.labels, table.domains)
        self.centroids.combine()
