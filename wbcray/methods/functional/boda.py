"""The balanced domain-class distribution alignment (BoDA) loss.

Yang, Wang & Katabi, "On Multi-Domain Long-Tailed Recognition, Imbalanced Domain Generalization and
Beyond", ECCV 2022, https://arxiv.org/abs/2203.09513.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


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
    place of NaN, and distances never go through a matrix product, which loses four digits.

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

    Returns:
        The loss in float32 (float64 for float64 features), also under autocast; exactly zero, with
        zero gradient, where no image has a positive pair.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        exact = features if features.dtype == torch.float64 else features.float()
        distances = torch.cdist(
            exact,
            centroids.detach().to(exact.dtype),
            compute_mode="donot_use_mm_for_euclid_dist",
        )
        sizes = counts.clamp(min=1).to(exact.dtype)
        own = sizes[domains, labels][:, None]
        other = sizes[centroid_domains, centroid_labels][None, :]
        scores = -distances * (other / own) ** nu / (own * temperature)
        same_class = labels[:, None] == centroid_labels[None, :]
        same_domain = domains[:, None] == centroid_domains[None, :]
        return _contrast(
            scores, positive=same_class & ~same_domain, excluded=same_class & same_domain
        )


def _contrast(
    scores: Float[Tensor, "batch pairs"],
    *,
    positive: Bool[Tensor, "batch pairs"],
    excluded: Bool[Tensor, "batch pairs"],
) -> Float[Tensor, ""]:
    """Negative mean over `positive` of the log-softmax over all that is not `excluded`."""
    # The lowest finite number, not -inf, so that a row without any rival is ordinary arithmetic.
    rivals = scores.masked_fill(excluded, torch.finfo(scores.dtype).min)
    log_probabilities = scores - rivals.logsumexp(dim=1, keepdim=True)
    total = log_probabilities.masked_fill(~positive, 0.0).sum()
    return -total / positive.sum().clamp(min=1)
