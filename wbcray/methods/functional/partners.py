"""Who is mixed with whom: a partner for every image of a batch, from one number per image.

Both functions are deterministic in `order`, a random number of each image, so that a batch in
another order has the same pairs. Images with equal numbers are taken in the order of the batch.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def partners_in_other_domain(
    order: Float[Tensor, " batch"], domains: Int[Tensor, " batch"]
) -> Int[Tensor, " batch"]:
    """A partner from another domain for every image.

    The domains of the batch form a cycle, in the order of the smallest number among their images.
    The k-th image of a domain, by its number, gets image k mod n of the next domain, which has n;
    so partners of a larger domain are drawn without, those of a smaller one with repetition. Two
    domains of any numbers are each other's next. Where domains have unequal sizes, the cycles of
    three and more are not equally likely.

    Args:
        order: Random number of each image.
        domains: Domain of each image; only equality counts.

    Returns:
        The row of the partner; the image's own row where the batch holds one domain.
    """
    batch = len(order)
    position = order.argsort(stable=True).argsort()
    same = domains[:, None] == domains
    first = torch.where(same, position, batch).amin(dim=1)
    # Rows, domain after domain along the cycle: the place of a domain is where its rows begin.
    along = (first * batch + position).argsort()
    size, place = same.sum(dim=1), (first < first[:, None]).sum(dim=1)
    rank = (same & (position < position[:, None])).sum(dim=1)
    following = (place + size) % batch
    return along[following + rank % size[along[following]]]


def partners_anywhere(order: Float[Tensor, " batch"]) -> Int[Tensor, " batch"]:
    """The next image in the order of the numbers, the first after the last, for every image.

    A random cycle through the batch: every image is the partner of one, and none its own unless it
    is alone, where in a random permutation one image in a batch is so on average.

    Returns:
        The row of the partner.
    """
    along = order.argsort(stable=True)
    return torch.empty_like(along).scatter(0, along, along.roll(-1))
