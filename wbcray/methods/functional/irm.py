"""The penalty of invariant risk minimisation (IRMv1).

Arjovsky, Bottou, Gulrajani & Lopez-Paz, "Invariant Risk Minimization", 2019,
https://arxiv.org/abs/1907.02893.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def irm(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    domains: Int[Tensor, " batch"],
    *,
    halves: Bool[Tensor, " batch"] | None = None,
) -> Float[Tensor, ""]:
    """Mean over domains of the product of two estimates of a gradient that should be zero.

        g_i = d/ds CE(s logits_i, y_i) at s = 1 = sum_k p_k l_k - l_y,  p = softmax(l)
        loss = mean over domains of [ mean of g over one half * mean of g over the other ]

    The scale s stands for a classifier on top of the logits: where it is the best one for every
    domain, g is zero on average. The product of two halves estimates the square of that average
    without bias, so it may be negative. The derivative is written out, so no second backward pass
    through the loss is needed.

    Differs from the paper, which squares the gradient of all images (the halves are in its
    appendix), as DomainBed does (https://arxiv.org/abs/2007.01434). Differs from DomainBed's code:
    a domain with one image, which has one half only, adds zero, not NaN.

    Args:
        logits: Logits of the batch.
        labels: Class of each image.
        domains: Domain of each image.
        halves: Which half of its domain each image is in; if not given, images of a domain go to
            either half by turns, in the order of the batch.

    Returns:
        The loss in float32 (float64 for float64 logits), also under autocast.
    """
    with torch.autocast(device_type=logits.device.type, enabled=False):
        slopes = scale_slopes(logits, labels)
        same = domains[:, None] == domains[None, :]
        if halves is None:
            halves = _odd(same.tril(diagonal=-1))
        first, second = (_mean_over(same & half[None, :], slopes) for half in (halves, ~halves))
        # Every image knows the product of its domain; 1 / size each makes one term per domain.
        shares = same.sum(1).to(slopes.dtype).reciprocal()
        return (first * second * shares).sum() / shares.sum().round()


def scale_slopes(
    logits: Float[Tensor, "batch classes"], labels: Int[Tensor, " batch"]
) -> Float[Tensor, " batch"]:
    """Derivative of each image's cross-entropy with respect to a scale of its logits, at one."""
    exact = logits if logits.dtype == torch.float64 else logits.float()
    expected = (exact.softmax(1) * exact).sum(1)
    return expected - exact.gather(1, labels[:, None]).squeeze(1)


def split_by_rank(
    ranks: Float[Tensor, " batch"], ties: Float[Tensor, " batch"], domains: Int[Tensor, " batch"]
) -> Bool[Tensor, " batch"]:
    """Halves of each domain by turns, in the order of `ranks`, whatever the order of the batch.

    Args:
        ranks: Numbers that order the images of a domain.
        ties: Orders images of equal rank, such as one that was drawn twice. If these are equal
            too, the order of the batch decides.
        domains: Domain of each image.

    Returns:
        Whether the number of images before it, in its domain, is odd.
    """
    before = torch.ones_like(domains[:, None] == domains[None, :]).tril(diagonal=-1)
    for key in (ties, ranks):
        less, equal = key[None, :] < key[:, None], key[None, :] == key[:, None]
        before = less | (equal & before)
    return _odd(before & (domains[:, None] == domains[None, :]))


def _odd(before: Bool[Tensor, "batch batch"]) -> Bool[Tensor, " batch"]:
    return before.sum(1) % 2 == 1


def _mean_over(
    chosen: Bool[Tensor, "batch batch"], values: Float[Tensor, " batch"]
) -> Float[Tensor, " batch"]:
    """For each row, the mean of the chosen values; zero where none is chosen."""
    sums = torch.where(chosen, values[None, :], torch.zeros_like(values)[None, :]).sum(1)
    return sums / chosen.sum(1).clamp(min=1)
