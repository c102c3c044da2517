"""The maximum mean discrepancy (MMD) between the features of several domains.

Li, Pan, Wang & Kot, "Domain Generalization with Adversarial Feature Learning", CVPR 2018,
https://openaccess.thecvf.com/content_cvpr_2018/html/Li_Domain_Generalization_With_CVPR_2018_paper.html;
the statistic is that of Gretton et al., "A Kernel Two-Sample Test", JMLR 2012,
https://www.jmlr.org/papers/v13/gretton12a.html.
"""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from wbcray.methods.functional.gram import gram, number_of_domains, pair_weights, same_domain

GAMMAS = (1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)
"""Inverse widths of the kernels."""
_LOWEST_EXPONENT = -600.0
"""exp of it is 1e-261: as good as zero, and much faster to compute than numbers that underflow."""


class _Kernels(torch.autograd.Function):
    """The sum of kernels; keeps one matrix for the way back, where autograd keeps one a kernel."""

    @staticmethod
    def forward(ctx: Any, distances: Tensor, gammas: Sequence[float]) -> Tensor:
        total, slope = torch.zeros_like(distances), torch.zeros_like(distances)
        for gamma in gammas:
            kernel = (distances * -gamma).clamp_(min=_LOWEST_EXPONENT).exp_()
            total += kernel
            slope.sub_(kernel, alpha=gamma)
        ctx.save_for_backward(slope)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.saved_tensors[0], None


def mmd(
    features: Float[Tensor, "batch dim"],
    domains: Int[Tensor, " batch"],
    gammas: Sequence[float] = GAMMAS,
) -> Float[Tensor, ""]:
    """Mean over pairs of domains of the biased squared MMD with a sum of Gaussian kernels.

        k(x, y) = sum over gamma of exp(-gamma |x - y|^2)
        loss = mean over pairs (a, b) of [ mean k(a, a) + mean k(b, b) - 2 mean k(a, b) ]

    where a mean runs over all pairs of images, that of an image with itself included, so that a
    pair of domains costs between 0 and twice the number of gammas.

    Differs from the paper: MMD only, without its autoencoder and its adversary, as in DomainBed
    (https://arxiv.org/abs/2007.01434), whose widths these are. Differs from DomainBed's code in
    precision: it takes distances from inner products in float32, by which an image may lie at a
    distance from itself that the narrow kernels see; here they are taken in float64.

    Returns:
        The loss in float32 (float64 for float64 features), also under autocast; exactly zero where
        the batch holds one domain. Equal images give no gradient.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        same = same_domain(domains)
        sizes = same.sum(1)
        number = number_of_domains(sizes)
        weights = pair_weights(same, 1 / sizes, domains=number, among=number)

        kernels: Tensor = _Kernels.apply(_squared_distances(features), gammas)
        loss = (weights * kernels).sum()
        return loss if features.dtype == torch.float64 else loss.float()


def _squared_distances(features: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch batch"]:
    products = gram(features)
    squares = products.diagonal()
    distances = (squares[:, None] + squares[None, :] - 2 * products).clamp(min=0)
    itself = torch.eye(len(products), dtype=torch.bool, device=products.device)
    return distances.masked_fill(itself, 0.0)
