"""Group normalisation: 32 groups of channels of each image by itself.

Wu & He, "Group Normalization", ECCV 2018, https://arxiv.org/abs/1803.08494. Nothing is carried from
the training domains to an unseen one: the benchmark of white blood cells that made this an axis
(train on Raabin, test on LISC, https://github.com/apple2373/wbc-benchmark) has ResNet50 at 23 %
with trained batch norm, 51 % frozen, 73 % with groups. Published ImageNet weights are those of
batch norm: convolutions are taken from them, scales and shifts where they exist.
"""

from typing import final

from wbcray.core.hyper import NoParams
from wbcray.methods.base import Normalization


@final
class Group(Normalization):
    """Each group of channels by its moments over one image, in training and when judged."""

    citation = "wu2018groupnorm"
    formula = "(x - mean of the group) / sqrt(variance of the group + 1e-5) * scale + shift"
    cost = "about that of batch norm; no statistics to keep"
    layers = "group"

    def __init__(self, params: NoParams) -> None:
        """Nothing to set."""
