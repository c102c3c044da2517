"""Batch normalisation with the statistics of the first weights.

Ioffe & Szegedy, "Batch Normalization", ICML 2015, https://arxiv.org/abs/1502.03167, frozen as in
Gulrajani & Lopez-Paz, "In Search of Lost Domain Generalization", ICLR 2021,
https://arxiv.org/abs/2007.01434. Differs from their code: scale and shift go on learning. Needs
trained first weights, as the statistics of random ones are constants that mean nothing.
"""

from typing import final

from wbcray.core.hyper import NoParams
from wbcray.methods.base import Normalization


@final
class Frozen(Normalization):
    """Each channel by moments that training never moves; scale and shift still learn."""

    citation = "gulrajani2021search"
    formula = "(x - pretrained mean) / sqrt(pretrained variance + 1e-5) * scale + shift"
    cost = "less than trained batch norm: no statistics are taken"
    layers = "frozen"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""
