"""MMD: the features of all source domains have the same distribution, as kernels see it.

Li, Pan, Wang & Kot, "Domain Generalization with Adversarial Feature Learning", CVPR 2018,
https://openaccess.thecvf.com/content_cvpr_2018/html/Li_Domain_Generalization_With_CVPR_2018_paper.html.
Differs from the paper as DomainBed does, and from DomainBed in precision, see
`methods/functional/mmd.py`.
"""

from dataclasses import dataclass
from typing import final

from wbcray.core.hyper import hyper
from wbcray.methods.base import LossTerms, Outputs, Penalty, Targets, TrainingFacts, detached
from wbcray.methods.functional.mmd import mmd


@dataclass(frozen=True, slots=True, kw_only=True)
class MmdParams:
    """Hyper-parameters of MMD."""

    weight: float = hyper(1.0, 1e-4, 1e4, log=True, help="weight of the squared discrepancy")


@final
class Mmd(Penalty):
    """`weight` times the squared maximum mean discrepancy, with seven Gaussian kernels."""

    citation = "li2018mmd"
    formula = (
        "weight * mean over domain pairs [ mean k(a, a) + mean k(b, b) - 2 mean k(a, b) ], "
        "k = sum of exp(-gamma |x - y|^2), gamma = 1e-3 .. 1e3"
    )
    cost = "one Gram matrix of the batch, O(batch^2 dim)"
    Params = MmdParams
    needs_domains = 2

    def __init__(self, params: MmdParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        super().__init__()
        self.params = params

    def forward(
        self,
        outputs: Outputs,
        targets: Targets,
        progress: float,  # noqa: ARG002  # the weight is constant
    ) -> LossTerms:
        """Zero for a batch of one domain."""
        discrepancy = mmd(outputs.features, targets.domains)
        return LossTerms(self.params.weight * discrepancy, detached(mmd=discrepancy))
