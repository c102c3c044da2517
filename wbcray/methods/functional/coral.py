"""The distance between the first two moments of the features of several domains (CORAL).

Sun & Saenko, "Deep CORAL: Correlation Alignment for Deep Domain Adaptation", ECCV Workshops 2016,
https://arxiv.org/abs/1607.01719.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


def coral(
    features: Float[Tensor, "batch dim"], domains: Int[Tensor, " batch"]
) -> Float[Tensor, ""]:
    """Mean over pairs of domains of the squared differences of means and of covariances.

        loss = mean over pairs (a, b) of [ |m_a - m_b|^2 / dim + |C_a - C_b|_F^2 / dim^2 ]

    with m the mean and C the unbiased covariance (n - 1) of a domain's features. A domain with one
    image has no covariance: its pairs keep the term of the means only.

    Differs from the paper: the term of the means is added and covariances are divided by dim^2, not
    by 4 dim^2, both as in DomainBed (https://arxiv.org/abs/2007.01434), so that weights compare
    with its tables; DomainBed's code has neither the Gram form nor a rule for a lone image.

    With fewer images than dimensions no dim x dim matrix is made: since |C|_F is |X X^T|_F / (n-1)
    for centred X, inner products between images suffice. They are taken in float64, as the
    difference of nearly equal squares loses all digits in float32.

    Returns:
        The loss in float32 (float64 for float64 features), also under autocast; exactly zero where
        the batch holds one domain.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        exact = features if features.dtype == torch.float64 else features.float()
        names, member = torch.unique(domains, return_inverse=True)
        if len(names) < 2:  # noqa: PLR2004  # a pair
            return exact.new_zeros(())
        membership = F.one_hot(member, len(names)).T.to(torch.float64)
        loss = _gram_form if len(features) <= features.shape[1] else _direct_form
        return loss(exact.double(), membership).to(exact.dtype)


def _gram_form(
    features: Float[Tensor, "batch dim"], membership: Float[Tensor, "domains batch"]
) -> Float[Tensor, ""]:
    means, centred, scales = _moments(features, membership)
    weights = membership * scales[:, None]
    products = weights @ (centred @ centred.T).square() @ weights.T
    # products[a, b] is the inner product of the covariances of a and b.
    norms = products.diagonal()
    a, b = _pairs(scales)
    gaps = (norms[a] + norms[b] - 2 * products[a, b]).clamp(min=0) * _both(scales, a, b)
    return ((means[a] - means[b]).square().mean(1) + gaps / features.shape[1] ** 2).mean()


def _direct_form(
    features: Float[Tensor, "batch dim"], membership: Float[Tensor, "domains batch"]
) -> Float[Tensor, ""]:
    means, centred, scales = _moments(features, membership)
    covariances = torch.stack(
        [
            scale * (centred * row[:, None]).T @ centred
            for row, scale in zip(membership, scales, strict=True)
        ]
    )
    a, b = _pairs(scales)
    gaps = (covariances[a] - covariances[b]).square().mean((1, 2)) * _both(scales, a, b)
    return ((means[a] - means[b]).square().mean(1) + gaps).mean()


def _moments(
    features: Float[Tensor, "batch dim"], membership: Float[Tensor, "domains batch"]
) -> tuple[Float[Tensor, "domains dim"], Float[Tensor, "batch dim"], Float[Tensor, " domains"]]:
    """Means, features minus their domain's mean, and 1 / (n - 1), or 0 for a lone image."""
    sizes = membership.sum(1)
    means = membership @ features / sizes[:, None]
    scales = torch.where(sizes > 1, 1 / (sizes - 1).clamp(min=1), 0.0)
    return means, features - membership.T @ means, scales


def _pairs(
    scales: Float[Tensor, " domains"],
) -> tuple[Int[Tensor, " pairs"], Int[Tensor, " pairs"]]:
    a, b = torch.triu_indices(len(scales), len(scales), offset=1, device=scales.device)
    return a, b


def _both(
    scales: Float[Tensor, " domains"], a: Int[Tensor, " pairs"], b: Int[Tensor, " pairs"]
) -> Float[Tensor, " pairs"]:
    """1 where both domains of a pair have a covariance, else 0."""
    return ((scales[a] > 0) & (scales[b] > 0)).to(scales.dtype)
