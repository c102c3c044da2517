"""Loss terms in the pairwise form of their papers and public codes, to measure ours against.

Written from the equations, with the operations that the public codes
(https://github.com/facebookresearch/DomainBed, https://github.com/YyzHarry/multi-domain-imbalance)
do in a step: one term per pair of domains, covariance matrices of dim x dim, seven kernels per
block, masks and weights anew in every step. No text of those codes is in here;
`benchmarks/losses/peers.py` runs them where they are at hand. A test holds these forms and
`wbcray/methods/functional` to the same values and gradients.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import torch
from torch import Tensor

GAMMAS = (1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)


def over_pairs(distance: Callable[[Tensor, Tensor], Tensor], groups: Sequence[Tensor]) -> Tensor:
    """Mean of a distance over all pairs of domains."""
    pairs = list(combinations(groups, 2))
    return torch.stack([distance(a, b) for a, b in pairs]).sum() / len(pairs)


def moment_distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean squared difference of the means and of the unbiased covariance matrices."""
    means = [group.mean(dim=0) for group in (a, b)]
    spreads = [group - mean for group, mean in zip((a, b), means, strict=True)]
    covariances = [spread.T @ spread / (len(spread) - 1) for spread in spreads]
    first = (means[0] - means[1]).square().mean()
    return first + (covariances[0] - covariances[1]).square().mean()


def coral(groups: Sequence[Tensor]) -> Tensor:
    """CORAL, and BoDA's macro alignment."""
    return over_pairs(moment_distance, groups)


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """|a_i - b_j|^2 from inner products, kept above zero."""
    of_a, of_b = (group.square().sum(dim=1, keepdim=True) for group in (a, b))
    return torch.addmm(of_b.T, a, b.T, alpha=-2).add(of_a).clamp(min=1e-30)


def mean_kernel(a: Tensor, b: Tensor) -> Tensor:
    """Mean over all pairs of images of the sum of seven Gaussian kernels."""
    distances = squared_distances(a, b)
    total = torch.zeros_like(distances)
    for gamma in GAMMAS:
        total = total + torch.exp(-gamma * distances)
    return total.mean()


def discrepancy(a: Tensor, b: Tensor) -> Tensor:
    """Squared MMD between two domains, from three blocks."""
    return mean_kernel(a, a) + mean_kernel(b, b) - 2 * mean_kernel(a, b)


def mmd(groups: Sequence[Tensor]) -> Tensor:
    """MMD between domains."""
    return over_pairs(discrepancy, groups)


def boda(  # noqa: PLR0913  # the formula has this many inputs, each with a name of its own
    groups: Sequence[Tensor],
    labels: Sequence[Tensor],
    *,
    centroids: Tensor,
    centroid_domains: Tensor,
    centroid_labels: Tensor,
    counts: Tensor,
    nu: float,
    temperature: float,
) -> Tensor:
    """BoDA's own term: [pairs, batch] scores, their weights and masks, a plain log of a sum."""
    of_image = torch.cat(list(labels))
    of_domain = torch.cat([torch.full_like(y, number) for number, y in enumerate(labels)])
    scores = -torch.cdist(centroids, torch.cat(list(groups)))
    scores = scores / counts[of_domain, of_image]
    above = counts[centroid_domains, centroid_labels]
    below = counts[of_domain, of_image]
    scores = scores * (above[:, None] / below[None, :]) ** nu
    scores = scores / temperature

    def same(ids: Tensor, others: Tensor) -> Tensor:
        return (ids[:, None] == others[None, :]).to(scores.dtype)

    itself = same(centroid_labels, of_image) * same(centroid_domains, of_domain)
    total = (scores.exp() * (1 - itself)).sum(dim=0, keepdim=True)
    log_probabilities = scores - total.log()
    positive = same(centroid_labels, of_image) * (1 - same(centroid_domains, of_domain))
    return -(log_probabilities * positive).sum() / positive.sum()
