"""SagNet's adversary: features whose style does not tell the class.

Nam, Lee, Park, Yoon & Yoo, "Reducing Domain Gap by Reducing Style Bias", CVPR 2021,
https://arxiv.org/abs/1910.11645. One half of SagNet; the other is the mixing
`style_randomization`. Differs from the paper as DomainBed (https://arxiv.org/abs/2007.01434) does,
see `methods/functional/style.py`. Differs from DomainBed: one optimizer moves features, classifier
and style classifier together after one forward pass, in place of three optimizers one after another
with a pass for each; so one random content serves both losses, and the adversary meets the style
classifier of the step before; no image gives itself the content, as for the mixing; and a batch of
one image costs nothing.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wbcray.core.hyper import hyper
from wbcray.methods.base import (
    PENALTY_NOISE,
    LossTerms,
    Outputs,
    Penalty,
    Targets,
    TrainingFacts,
    detached,
)
from wbcray.methods.functional.partners import partners_anywhere
from wbcray.methods.functional.style import randomize_content


@dataclass(frozen=True, slots=True, kw_only=True)
class SagNetParams:
    """Hyper-parameters of SagNet's adversary."""

    weight: float = hyper(
        0.1, 1e-4, 1e3, log=True, help="weight of the adversarial loss that reaches the features"
    )


@final
class SagNet(Penalty):
    """Loss of a style classifier, plus `weight` times the adversarial loss of the features.

    The style classifier sees each image's mean and variance with the content of another image. Its
    cross-entropy trains it and nothing else; the adversarial loss, the cross-entropy between a
    uniform distribution and its answer, trains the features and not it.
    """

    citation = "nam2021sagnet"
    formula = "CE of a style classifier + weight * mean over images, classes [ -log p_style ]"
    cost = "a linear classifier on the features, twice"
    Params = SagNetParams

    def __init__(self, params: SagNetParams, facts: TrainingFacts) -> None:
        super().__init__()
        self.params = params
        self.style_classifier = nn.Linear(facts.feature_dim, facts.counts.shape[1])

    def forward(
        self,
        outputs: Outputs,
        targets: Targets,
        progress: float,  # noqa: ARG002  # the weight is constant
    ) -> LossTerms:
        """The parts `style` and `adversarial`; zero for a batch of one image."""
        partner = partners_anywhere(targets.uniform(PENALTY_NOISE))
        styled = randomize_content(outputs.features, partner)
        with torch.autocast(device_type=styled.device.type, enabled=False):
            weight, bias = (p.to(styled.dtype) for p in self.style_classifier.parameters())
            answers: Tensor = F.linear(styled.detach(), weight, bias)
            judged: Tensor = F.linear(styled, weight.detach(), bias.detach())
            defined = float(len(styled) > 1)
            style = defined * F.cross_entropy(answers, targets.labels)
            adversarial = -defined * judged.log_softmax(dim=1).mean()
            total = style + self.params.weight * adversarial
        return LossTerms(total, detached(style=style, adversarial=adversarial))
