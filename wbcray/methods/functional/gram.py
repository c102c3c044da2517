"""Sums over the pairs of images of a batch, from which distances between domains are made.

A squared distance between means of domains, in whatever space, is a weighted sum of the inner
products of images in that space. So no pair of domains is gone through, nothing depends on how many
domains a batch holds, and no number has to come back from the device to decide what to do next.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor


class _Gram(torch.autograd.Function):
    """Rows times themselves; one matrix product backward, where autograd would take two."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x @ x.T

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        x: Tensor = ctx.saved_tensors[0]
        return (gradients[0] + gradients[0].T) @ x


def gram(features: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch batch"]:
    """Inner products <x_i - m, x_j - m> in float64, with m the mean of the batch.

    For sums that a shift of all features leaves as they are, such as those of distances: m is
    taken as a constant. Without it, features far from the origin would lose digits.
    """
    exact = features.double()
    products: Tensor = _Gram.apply(exact - exact.detach().mean(0))
    return products


def same_domain(domains: Int[Tensor, " batch"]) -> Float[Tensor, "batch batch"]:
    """1 for two images of one domain, else 0, in float64."""
    return (domains[:, None] == domains[None, :]).double()


def number_of_domains(sizes: Float[Tensor, " batch"]) -> Float[Tensor, ""]:
    """Domains in the batch; `sizes` holds, for each image, the images of its domain."""
    return sizes.reciprocal().sum().round()


def pair_weights(
    same: Float[Tensor, "batch batch"],
    factors: Float[Tensor, " batch"],
    *,
    domains: Float[Tensor, ""],
    among: Float[Tensor, ""],
) -> Float[Tensor, "batch batch"]:
    """Weights w with which sum_ij w_ij <x_i, x_j> is a mean over pairs of domains.

        sum_ij w_ij <x_i, x_j> = sum over pairs (a, b) of |s_a - s_b|^2 / (D (D - 1) / 2)
        w_ij = 2 f_i f_j (K same_ij - 1) / (D (D - 1)),  s_a = sum over images i of a of f_i x_i

    Args:
        same: From `same_domain`.
        factors: f, the same for all images of a domain; zero leaves a domain out of the pairs.
        domains: D, all domains in the batch.
        among: K, those of them with factors that are not zero.

    Returns:
        The weights; all zero where there is one domain.
    """
    pairs = (domains * (domains - 1)).clamp(min=1)
    return 2 * (among * same - 1) / pairs * factors[:, None] * factors[None, :]
