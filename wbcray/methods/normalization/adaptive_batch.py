"""Batch normalisation whose statistics are estimated anew on the domain that is judged (AdaBN).

Li et al., "Revisiting Batch Normalization For Practical Domain Adaptation", ICLR workshop 2017,
https://arxiv.org/abs/1603.04779. What stays of the training statistics is the prior of Schneider et
al., "Improving robustness against common corruptions by covariate shift adaptation", NeurIPS 2020,
https://arxiv.org/abs/2006.16971.

This is test-time adaptation, another setting than domain generalisation: the images of the unseen
domain are used before any of them is judged, without their labels, but only those of classes that
are judged. Tables mark it.

Differs from Schneider et al.: the share is given, and not computed from numbers of images, since a
domain is judged as a whole. A finish that trains a classifier does so on features under the
statistics of training.
"""

from dataclasses import dataclass
from typing import final

from wbcray.core.hyper import hyper
from wbcray.methods.base import Normalization


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveBatchParams:
    """Hyper-parameters of adaptive batch normalisation."""

    training_share: float = hyper(
        0.0, 0.0, 1.0, help="what stays of the statistics of training; 0 takes the domain's alone"
    )


@final
class AdaptiveBatch(Normalization):
    """Trained as `batch`; every domain, the unseen one too, is judged by statistics of its own.

    With s the `training_share`, a layer's mean is `s * mean of training + (1 - s) * mean of the
    domain's images`, and its variance alike. Validation images of a source domain are treated in
    the same way, so that selection sees what judgement sees.
    """

    citation = "li2017adabn"
    formula = "statistics = s * those of training + (1 - s) * those of the domain's own images"
    cost = "one more forward pass over the images of every domain that is judged"
    Params = AdaptiveBatchParams
    layers = "batch"
    adapts = True

    def __init__(self, params: AdaptiveBatchParams) -> None:
        self.params = params

    def training_share(self) -> float:
        """What stays of the statistics of training."""
        return self.params.training_share
