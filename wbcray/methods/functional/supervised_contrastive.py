"""The supervised contrastive loss across domains.

Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020, https://arxiv.org/abs/2004.11362, in
the domain-invariant form of Li et al., "Stain-aware Domain Alignment for Imbalance Blood Cell
Classification", 2024, https://arxiv.org/abs/2412.02976 (SADA).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def supervised_contrastive(
    features: Float[Tensor, "batch dim"],
    labels: Int[Tensor, " batch"],
    domains: Int[Tensor, " batch"],
    temperature: float,
) -> Float[Tensor, ""]:
    """Mean negative log-probability of an image's class in other domains, among all that differs.

    With u_i = z_i / |z_i|, P(i) the images of i's class in other domains, and N(i) those of other
    classes in any domain,

        s_ij = u_i . u_j / T
        loss = mean over i with P(i) not empty of
               -mean over p in P(i) [s_ip - log sum over a in P(i) and N(i) of exp s_ia]

    Images of the same class and domain neither attract nor repel each other.

    Differs from Khosla et al.: there P(i) holds the same class of every domain. Differs from SADA's
    code (https://github.com/AnoK3111/SADA), which knows no domains either and gets images of other
    domains by staining, and which counts images without a positive as zeros of the mean (and adds
    1e-6 to the number of positives). With every image a domain of its own it is theirs.

    Products are taken in float64: divided by a low temperature, their error is what counts.

    Returns:
        The loss in float32 (float64 for float64 features), also under autocast; exactly zero, with
        zero gradient, where no image has its class in another domain. A feature of zeros has no
        direction and is compared as zeros.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        exact = features.double()
        lengths = torch.linalg.vector_norm(exact, dim=1, keepdim=True)
        directions = exact / torch.where(lengths > 0, lengths, 1.0)
        scores = directions @ directions.T / temperature
        same_class = labels[:, None] == labels[None, :]
        same_domain = domains[:, None] == domains[None, :]
        positive = same_class & ~same_domain
        # The lowest finite number, not -inf: a row without any rival is ordinary arithmetic.
        rivals = scores.masked_fill(same_class & same_domain, torch.finfo(scores.dtype).min)
        log_probabilities = scores - rivals.logsumexp(dim=1, keepdim=True)
        positives = positive.sum(1)
        of_image = log_probabilities.masked_fill(~positive, 0.0).sum(1) / positives.clamp(min=1)
        loss = -of_image.sum() / (positives > 0).sum().clamp(min=1)
        return loss if features.dtype == torch.float64 else loss.float()
