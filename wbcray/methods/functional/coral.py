"""The distance between the first two moments of the features of several domains (CORAL).

Sun & Saenko, "Deep CORAL: Correlation Alignment for Deep Domain Adaptation", ECCV Workshops 2016,
https://arxiv.org/abs/1607.01719.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from wbcray.methods.functional.gram import gram, number_of_domains, pair_weights, same_domain


def coral(
    features: Float[Tensor, "batch dim"], domains: Int[Tensor, " batch"]
) -> Float[Tensor, ""]:
    """Mean over pairs of domains of the squared differences of means and of covariances.

        loss = mean over pairs (a, b) of [ |m_a - m_b|^2 / dim + |C_a - C_b|_F^2 / dim^2 ]

    with m the mean and C the unbiased covariance (n - 1) of a domain's features. A domain with one
    image has no covariance: its pairs keep the term of the means only.

    Differs from the paper: the term of the means is added and covariances are divided by dim^2, not
    by 4 dim^2, both as in DomainBed (https://arxiv.org/abs/2007.01434), so that weights compare
    with its tables; DomainBed's code makes the covariances and has no rule for a lone image.

    No dim x dim matrix is made: with G the inner products of the images and H what takes from each
    image the mean of its domain, <C_a, C_b> is the sum of the squares of H G H between the images
    of a and of b, divided by (n_a - 1)(n_b - 1). All is done in float64, as the difference of
    nearly equal squares loses all digits in float32.

    Returns:
        The loss in float32 (float64 for float64 features), also under autocast; exactly zero where
        the batch holds one domain.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        same = same_domain(domains)
        sizes = same.sum(1)
        number = number_of_domains(sizes)
        several = sizes > 1
        scales = torch.where(several, 1 / (sizes - 1).clamp(min=1), 0.0)
        with_covariance = (several / sizes).sum().round()
        of_means = pair_weights(same, 1 / sizes, domains=number, among=number)
        of_covariances = pair_weights(same, scales, domains=number, among=with_covariance)

        products = gram(features)
        centring = torch.eye(len(same), dtype=same.dtype, device=same.device) - same / sizes
        centred = centring @ products @ centring
        means = (of_means * products).sum().clamp(min=0)
        covariances = (of_covariances * centred.square()).sum().clamp(min=0)
        loss = means / features.shape[1] + covariances / features.shape[1] ** 2
        return loss if features.dtype == torch.float64 else loss.float()
