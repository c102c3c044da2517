"""Mixup across domains: every image is blended with one of another domain, and so is its label.

Yan, Song, Li, Zou & Ren, "Improve Unsupervised Domain Adaptation with Mixup Training", 2020,
https://arxiv.org/abs/2001.00677, after Zhang, Cisse, Dauphin & Lopez-Paz, "mixup: Beyond Empirical
Risk Minimization", ICLR 2018, https://arxiv.org/abs/1710.09412. Differs from the first paper: the
source domains are blended with each other, as no image of the held-out one is seen, and its
consistency term on the features is left out. Differs from DomainBed
(https://arxiv.org/abs/2007.01434): every image has a share of its own, where there one share serves
a whole pair of domains; and where domains have unequal numbers of images in a batch, all of them
are used, those of the smaller one repeatedly as partners.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from wbcray.core.hyper import hyper
from wbcray.methods.base import Mixing, Mixture, Targets
from wbcray.methods.functional.partners import partners_in_other_domain
from wbcray.methods.mixing_share import MixingShare


@dataclass(frozen=True, slots=True, kw_only=True)
class MixupParams:
    """Hyper-parameters of mixup."""

    alpha: float = hyper(
        0.2, 1e-2, 10.0, log=True, help="shares are from Beta(alpha, alpha); small: hardly mixed"
    )


@final
class Mixup(Mixing):
    """Blends each image, and the loss of its label, with those of an image of the next domain.

    Domains follow each other in a random cycle, see `methods/functional/partners.py`.
    """

    citation = "yan2020mixup"
    formula = "x' = s x + (1 - s) x_p, loss = s CE(y) + (1 - s) CE(y_p), s ~ Beta(alpha, alpha)"
    cost = "one weighted sum of two images, and the classification loss twice"
    Params = MixupParams
    level = "images"
    mixes_labels = True

    def __init__(self, params: MixupParams) -> None:
        super().__init__()
        self.share = MixingShare(params.alpha)

    @classmethod
    def domains_needed(cls, params: MixupParams) -> int:  # noqa: ARG003  # whatever they are
        """Partners are of another domain."""
        return 2

    def draw(
        self,
        targets: Targets,
        place: int,  # noqa: ARG002  # images are one place
    ) -> Mixture:
        """Partners from the first noise, shares from the second; 1 in a batch of one domain."""
        domains = targets.domains
        partner = partners_in_other_domain(targets.uniform(0), domains)
        alone = domains[partner] == domains
        return Mixture(
            partner=partner, share=torch.where(alone, 1.0, self.share(targets.uniform(1)))
        )

    def summary(self, x: Float[Tensor, "rows ..."]) -> Float[Tensor, "rows ..."]:
        """The image itself."""
        return x

    def mix(
        self,
        x: Float[Tensor, "rows ..."],
        partner: Float[Tensor, "rows ..."],
        share: Float[Tensor, " rows"],
    ) -> Float[Tensor, "rows ..."]:
        """The weighted sum, computed in the type of the share where that is the finer one."""
        kept = share.view(-1, *[1] * (x.ndim - 1))
        return (kept * x + (1 - kept) * partner).to(x.dtype)
