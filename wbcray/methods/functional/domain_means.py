"""Means of per-image values over each domain of a batch."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def domain_means(
    values: Float[Tensor, " batch"], domains: Int[Tensor, " batch"], number: int
) -> tuple[Float[Tensor, " domains"], Bool[Tensor, " domains"]]:
    """Mean value of each domain, and whether it has an image in the batch.

        m_d = sum over images i of d of v_i / n_d

    Sums are taken in a fixed order, so that two runs agree to the last bit, and without a matrix
    product, which some devices round to ten bits.

    Args:
        values: One number per image.
        domains: Domain of each image, below `number`.
        number: All domains of the run, in the batch or not.

    Returns:
        The means, zero for a domain without images, and the presence of each domain.
    """
    member = domains[None, :] == torch.arange(number, device=domains.device)[:, None]
    sizes = member.sum(1)
    # `where`, not a product: an infinite value of one domain is no business of another.
    sums = torch.where(member, values[None, :], torch.zeros_like(values)[None, :]).sum(1)
    return sums / sizes.clamp(min=1), sizes > 0
