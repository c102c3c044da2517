"""Batch normalisation that is trained.

Ioffe & Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
Covariate Shift", ICML 2015, https://arxiv.org/abs/1502.03167. Differs from the paper: with several
workers the statistics are those of the global batch.
"""

from typing import final

from wbcray.core.hyper import NoParams
from wbcray.methods.base import Normalization


@final
class Batch(Normalization):
    """Each channel by the mean and variance of the batch; judged with their moving averages."""

    citation = "ioffe2015batchnorm"
    formula = "(x - mean of the batch) / sqrt(variance of the batch + 1e-5) * scale + shift"
    cost = "none beyond the network; one sum over workers per layer"
    layers = "batch"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""
