"""The distance between the domains' gradient variances at the classifier (Fishr).

Rame, Dancette & Cord, "Fishr: Invariant Gradient Variances for Out-of-Distribution Generalization",
ICML 2022, https://arxiv.org/abs/2109.02934.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F


def fishr(
    features: Float[Tensor, "batch dim"],
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    domains: Int[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """Mean squared distance of each domain's gradient variances from their mean over domains.

        loss = mean over domains e, entries k of (Var_e,k - mean over domains of Var_k)^2

    with Var_e as in `gradient_variances`. Gradient reaches the features, and the logits with all
    that they are made of.

    Differs from the paper, as DomainBed (https://arxiv.org/abs/2007.01434) does: the mean over the
    entries in place of their sum, and centred second moments. Differs from DomainBed: no moving
    average (that is `penalties/fishr.py`); a domain of one image is left out in place of having
    variance zero, which no estimate from one image is.

    Returns:
        The loss in float32 (float64 for float64 features), also under autocast; exactly zero, with
        zero gradient, where fewer than two domains have two images.
    """
    names, member = torch.unique(domains, return_inverse=True)
    variances, known = gradient_variances(features, logits, labels, member, groups=len(names))
    gap = variance_gap(variances, known)
    return gap if features.dtype == torch.float64 else gap.float()


def gradient_variances(
    features: Float[Tensor, "batch dim"],
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    domains: Int[Tensor, " batch"],
    *,
    groups: int,
) -> tuple[Float[Tensor, "groups entries"], Bool[Tensor, " groups"]]:
    """Variance over a domain's images of the gradient of cross-entropy at a linear classifier.

    With r = softmax(logits) - onehot(label) and z' = [z, 1], the gradient of one image at the
    weights and biases is the product r_c z'_k, so that

        Var_e,ck = mean over images of e of (r_c^2 z'_k^2) - (mean of r_c z'_k)^2

    needs no pass per image: `classes * (dim + 1)` entries, those of a class one after another and
    its bias last. Divided by n, not n - 1, as in DomainBed.

    For this to be the gradient of a classifier, it must be linear and `logits` its answer to
    `features`; any others are taken as if they were.

    The difference of two close numbers loses digits: products and result are in float64, where as
    many are left as float32 has for a variance of 1e-9 of the squared mean.

    Args:
        features: What the classifier sees.
        logits: What it answers.
        labels: Class of each image.
        domains: Domain of each image, below `groups`.
        groups: Rows of the result.

    Returns:
        The variances in float64, and which domains have two images or more; the others' are zero,
        with zero gradient.
    """
    with torch.autocast(device_type=features.device.type, enabled=False):
        z = F.pad(features.double(), (0, 1), value=1.0)
        r = logits.double().softmax(dim=1) - F.one_hot(labels, logits.shape[1])
        members = F.one_hot(domains, groups).T.double()
        sizes = members.sum(1)
        known = sizes > 1
        shares = torch.where(known, 1 / sizes.clamp(min=1), 0.0)[:, None] * members
        first = (shares[:, :, None] * r).transpose(1, 2) @ z
        second = (shares[:, :, None] * r.square()).transpose(1, 2) @ z.square()
        return (second - first.square()).flatten(1), known


def variance_gap(
    variances: Float[Tensor, "groups entries"], known: Bool[Tensor, " groups"]
) -> Float[Tensor, ""]:
    """Mean squared distance of the `known` rows from their mean; zero for fewer than two."""
    members = known.to(variances.dtype)[:, None]
    total = known.sum().clamp(min=1)
    mean = (members * variances).sum(0) / total
    return (members * (variances - mean)).square().mean(1).sum() / total
