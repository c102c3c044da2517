"""MixStyle: feature maps get a mixture of the styles of two images; labels stay.

Zhou, Yang, Qiao & Xiang, "Domain Generalization with MixStyle", ICLR 2021,
https://arxiv.org/abs/2104.02008. Differs from the paper: chance decides for each image and stage
whether it is mixed, where there it decides for a whole batch; and partners from other domains are
paired by rank along a cycle of domains, so that a batch may hold any number of images of any number
of domains. Differs from the authors' code (https://github.com/KaiyangZhou/mixstyle-release): with
partners from anywhere no image is its own, which a random permutation makes one image of a batch on
average; a map of one pixel has variance 0 in place of NaN.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from wbcray.core.hyper import choice, hyper
from wbcray.methods.base import Mixing, Mixture, Targets
from wbcray.methods.functional.channel_style import channel_style, with_mixed_style
from wbcray.methods.functional.partners import partners_anywhere, partners_in_other_domain
from wbcray.methods.mixing_share import MixingShare

_COLUMNS = 4
"""Columns of noise between one stage and the next: order, share, whether, and one to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixStyleParams:
    """Hyper-parameters of MixStyle."""

    alpha: float = hyper(
        0.1, 1e-2, 10.0, log=True, help="shares are from Beta(alpha, alpha); small: hardly mixed"
    )
    probability: float = hyper(0.5, 0.0, 1.0, help="share of the images that are mixed at a stage")
    stages: int = hyper(
        2, 1, 3, help="residual stages, from the first on, behind which styles are mixed"
    )
    partners: str = choice(
        "other_domain",
        ("other_domain", "any"),
        help="whose style is mixed in: an image of another domain, or any other image",
    )


@final
class MixStyle(Mixing):
    """Mixes mean and standard deviation of every channel with those of a partner."""

    citation = "zhou2021mixstyle"
    formula = "(x - m) / d * (s d + (1 - s) d_p) + s m + (1 - s) m_p, s ~ Beta(alpha, alpha)"
    cost = "two moments of every channel and one multiply-add of the map, at each stage"
    Params = MixStyleParams
    level = "maps"

    def __init__(self, params: MixStyleParams) -> None:
        super().__init__()
        self.params = params
        self.stages = tuple(range(1, params.stages + 1))
        self.share = MixingShare(params.alpha)

    @classmethod
    def domains_needed(cls, params: MixStyleParams) -> int:
        """Two, where partners are of another domain."""
        return 2 if params.partners == "other_domain" else 1

    def draw(self, targets: Targets, place: int) -> Mixture:
        """Partners and shares of one stage, each stage from noise of its own.

        The share is 1 for an image that is not chosen, and for one that has no partner.
        """
        order, share, whether = (targets.uniform(_COLUMNS * place + k) for k in range(3))
        if self.params.partners == "any":
            partner = partners_anywhere(order)
        else:
            partner = partners_in_other_domain(order, targets.domains)
        itself = partner == torch.arange(len(partner), device=partner.device)
        mixed = (whether < self.params.probability) & ~itself
        return Mixture(partner=partner, share=torch.where(mixed, self.share(share), 1.0))

    def summary(
        self, x: Float[Tensor, "rows channels height width"]
    ) -> Float[Tensor, "rows 2 channels"]:
        """Mean and standard deviation of every channel; constants."""
        return channel_style(x)

    def mix(
        self,
        x: Float[Tensor, "rows channels height width"],
        partner: Float[Tensor, "rows 2 channels"],
        share: Float[Tensor, " rows"],
    ) -> Float[Tensor, "rows channels height width"]:
        """The maps in their mixed style, of the type of `x`."""
        return with_mixed_style(x, partner, share)
