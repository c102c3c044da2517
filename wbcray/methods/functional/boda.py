"""The balanced domain-class distribution alignment (BoDA) loss.

Yang, Wang & Katabi, "On Multi-Domain Long-Tailed Recognition, Imbalanced Domain Generalization and
Beyond", ECCV 2022, https://arxiv.org/abs/2203.09513.
"""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

_ROUNDING = 1e-15
"""Of a sum of squares in float64."""


def boda(  # noqa: PLR0913  # the formula has this many inputs, each with a name of its own
    features: Float[Tensor, "batch dim"],
    labels: Int[Tensor, " batch"],
    domains: Int[Tensor, " batch"],
    *,
    centroids: Float[Tensor, "pairs dim"],
    centroid_domains: Int[Tensor, " pairs"],
    centroid_labels: Int[Tensor, " pairs"],
    counts: Int[Tensor, "domains classes"],
    nu: float,
    temperature: float,
    known: Bool[Tensor, " pairs"] | None = None,
) -> Float[Tensor, ""]:
    """Mean negative log-probability of a feature's same-class centroids in other domains.

    With i an image, j an observed domain-class pair, N their training counts and mu_j the centroid,

        s_ij = -|z_i - mu_j| N_j^nu / (N_i^(1 + nu) T)
        loss = -mean over (i, j) with c_j = c_i, d_j != d_i of [s_ij - log sum_k exp s_ik],

    where k runs over all centroids except the image's own pair. Gradient reaches the features only.

    Differs from the paper: one mean over the positive pairs of the batch in place of a sum over
    images divided by the number of other domains, because a class may be missing from a domain; the
    temperature is not in the paper. Both are as in the authors' code
    (https://github.com/YyzHarry/multi-domain-imbalance), from which this differs in three ways: the
    logarithm of the sum cannot overflow or underflow, a batch without a positive pair costs zero in
    place of NaN, and distances are taken in float64: theirs go through a float32 matrix product,
    which loses four digits.

    Args:
        features: Features of the batch.
        labels: Class of each image.
        domains: Domain of each image.
        centroids: Mean feature of each *observed* pair; constants.
        centroid_domains: Domain of each centroid.
        centroid_labels: Class of each centroid.
        counts: Training images per domain and class; a count of zero is taken as one.
        nu: Calibration exponent; 0 leaves the balanced distance alone.
        temperature: Divides every distance.
        known: Which centroids exist; all, if not given. The others are as if absent.

    Returns:
        The loss in float32 (float64 for float64 features), also under autocast; exactly zero, with
        zero gradient, where no image has a positive pair.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        if len(centroids) == 0:
            zero = (features * 0).sum()
            return zero if features.dtype == torch.float64 else zero.float()
        own = counts[domains, labels].clamp(min=1).double()
        other = counts[centroid_domains, centroid_labels].clamp(min=1).double()
        # Powers of vectors, not of a matrix of ratios.
        weights = (other**nu)[:, None] * (own ** (-1 - nu) / -temperature)[None, :]
        same_class = centroid_labels[:, None] == labels[None, :]
        excluded = (centroid_domains[:, None] == domains[None, :]).logical_and_(same_class)
        positive = same_class.logical_xor_(excluded)
        if known is not None:
            positive, excluded = positive & known[:, None], excluded | ~known[:, None]
        loss: Tensor = _Contrast.apply(features, centroids.detach(), weights, positive, excluded)
        return loss if features.dtype == torch.float64 else loss.float()


class _Contrast(torch.autograd.Function):
    """The loss from distances; [pairs, batch] matrices with the derivative written out.

    Distances are made in float64; for float32 features from inner products, which is as exact as
    their differences and one matrix product in place of a loop over all of them. Equal vectors
    give no gradient.
    """

    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        centroids: Tensor,
        weights: Float[Tensor, "pairs batch"],
        positive: Bool[Tensor, "pairs batch"],
        excluded: Bool[Tensor, "pairs batch"],
    ) -> Tensor:
        # Any shift leaves distances as they are; this one leaves them their digits.
        exact = centroids.double()
        shift = exact.mean(0)
        z, mu = features.to(torch.float64, copy=True).sub_(shift), exact - shift
        distances = _exact(mu, z) if features.dtype == torch.float64 else _fast(mu, z)
        scores = distances * weights
        # The lowest finite number, not -inf: a column without any rival is ordinary arithmetic.
        rivals = scores.masked_fill(excluded, torch.finfo(scores.dtype).min)
        highest = rivals.amax(dim=0)
        shares = rivals.sub_(highest).exp_()
        totals = shares.sum(0)
        wanted = positive.to(scores.dtype)
        of_image = wanted.sum(0)
        number = of_image.sum().clamp(min=1)
        loss = (of_image * (highest + totals.log())).sum() - (scores * wanted).sum()
        slopes = shares.mul_(of_image / totals).sub_(wanted).mul_(weights).div_(number)
        slopes.div_(distances.masked_fill_(distances == 0, torch.inf))
        ctx.save_for_backward(z, mu, slopes)
        ctx.dtype = features.dtype
        return loss / number

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None, None]:
        z, mu, slopes = ctx.saved_tensors
        # sum_j slope_ij (z_i - mu_j)
        slopes = gradients[0] * slopes
        gradient = (slopes.T @ mu).neg_().addcmul_(z, slopes.sum(0)[:, None])
        return gradient.to(ctx.dtype), None, None, None, None


def _exact(
    mu: Float[Tensor, "pairs dim"], z: Float[Tensor, "batch dim"]
) -> Float[Tensor, "pairs batch"]:
    """Distances from differences: all digits of float64 input."""
    return torch.cdist(mu, z, compute_mode="donot_use_mm_for_euclid_dist")


def _fast(
    mu: Float[Tensor, "pairs dim"], z: Float[Tensor, "batch dim"]
) -> Float[Tensor, "pairs batch"]:
    """Distances from inner products: in float64, all digits of float32 input."""
    of_z, of_mu = (torch.linalg.vector_norm(x, dim=1).square_() for x in (z, mu))
    # Centroids first: with few rows first the product is much faster on a CPU.
    sums = of_mu[:, None] + of_z[None, :]
    squares = torch.mm(mu, z.T).mul_(-2).add_(sums)
    # What rounding leaves of equal vectors is a distance of zero.
    return squares.masked_fill_(squares < _ROUNDING * sums, 0.0).sqrt_()
