"""Supervised contrast across domains: a class looks alike in all domains and unlike the others.

Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020, https://arxiv.org/abs/2004.11362, in
the domain-invariant form of Li et al., "Stain-aware Domain Alignment for Imbalance Blood Cell
Classification", 2024, https://arxiv.org/abs/2412.02976 (SADA). Differs from both in what attracts
and repels, see `methods/functional/supervised_contrastive.py`. Differs from SADA, where features
are trained by this loss first and the classifier afterwards: here it is added to the
classification loss throughout.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from wbcray.core.hyper import hyper
from wbcray.methods.base import LossTerms, Outputs, Penalty, Targets, TrainingFacts, detached
from wbcray.methods.functional.supervised_contrastive import supervised_contrastive


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisedContrastiveParams:
    """Hyper-parameters of supervised contrast across domains."""

    weight: float = hyper(1.0, 1e-4, 1e3, log=True, help="weight of the contrastive loss")
    temperature: float = hyper(
        0.1, 1e-2, 1e1, log=True, help="divides the cosine of the angle between two images"
    )
    projection: int = hyper(
        128, 0, 4096, help="width of what is compared, made of the features; 0 compares them"
    )


@final
class SupervisedContrastive(Penalty):
    """`weight` times the contrastive loss of the projected features.

    The projection is SADA's: a linear layer as wide as the features, ReLU, a linear layer. It is
    trained with the network and used for nothing else.
    """

    citation = "khosla2020supcon"
    formula = (
        "weight * mean over images i, same class in other domains p [ -log softmax_p(cos(h_i, h_p) "
        "/ T) ] among p and all other classes"
    )
    cost = "a projection of the features, O(batch dim^2), and the cosines of all pairs"
    Params = SupervisedContrastiveParams
    needs_domains = 2

    def __init__(self, params: SupervisedContrastiveParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        self.projection = _projection(facts.feature_dim, params.projection)

    def forward(
        self,
        outputs: Outputs,
        targets: Targets,
        progress: float,  # noqa: ARG002  # the weight is constant
    ) -> LossTerms:
        """Zero where no image has its class in another domain."""
        features = outputs.features
        with torch.autocast(device_type=features.device.type, enabled=False):
            exact = features if features.dtype == torch.float64 else features.float()
            projected: Tensor = self.projection(exact)
        loss = supervised_contrastive(
            projected, targets.labels, targets.domains, temperature=self.params.temperature
        )
        return LossTerms(self.params.weight * loss, detached(contrast=loss))


def _projection(dim: int, width: int) -> nn.Module:
    if width == 0:
        return nn.Identity()
    return nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, width))
