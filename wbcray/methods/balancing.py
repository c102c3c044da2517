"""Draw probabilities between the natural frequencies and equal shares; shared by several parts.

Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", ICLR 2020,
https://arxiv.org/abs/1910.09217, section 4.1, with q = 1 - exponent.
"""

from typing import Any, Literal, get_args

import numpy as np

from wbcray.methods.base.values import DrawPlan

Ids = np.ndarray[Any, np.dtype[np.int64]]
Probabilities = np.ndarray[Any, np.dtype[np.float64]]

Unit = Literal["class", "class_within_domain", "domain_class_pair"]
UNITS: tuple[Unit, ...] = get_args(Unit)

EXPONENT_HELP = "0 keeps the natural frequencies, 1 gives every unit the same share"
UNIT_HELP = (
    "what is balanced: classes over all domains, classes within each domain (the domains stay "
    "equal), or every domain-class pair"
)


def balanced_probabilities(
    labels: Ids, domains: Ids, *, exponent: float, unit: Unit
) -> Probabilities:
    """float64 [images]: probability of each image, with sum 1.

    A unit with N images has a share proportional to N^(1 - exponent), spread evenly over its
    images. With `class_within_domain` the shares are relative to the domain, and every domain has
    the same share.

    Args:
        labels: int64 [images], class ids.
        domains: int64 [images], domain ids.
        exponent: From 0 (natural frequencies) to 1 (equal shares).
        unit: What is balanced.
    """
    pairs = np.stack([domains if unit != "class" else np.zeros_like(domains), labels])
    groups = domains if unit == "class_within_domain" else np.zeros_like(domains)
    _, member, sizes = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
    weights = (sizes.astype(np.float64) ** -exponent)[member.reshape(-1)]
    _, group = np.unique(groups, return_inverse=True)
    shares = weights / np.bincount(group, weights=weights)[group]
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def drawn_counts(plan: DrawPlan, labels: Ids, *, classes: int) -> Probabilities:
    """float64 [classes]: images of each class in an epoch, on average over draws by `plan`.

    Args:
        plan: How images are drawn.
        labels: int64 [images], class ids.
        classes: How many classes there are.
    """
    chances = np.ones(len(labels)) if plan.probabilities is None else plan.probabilities
    if plan.strata is not None:
        # Every stratum has the same share of a batch, whatever its images.
        _, stratum = np.unique(plan.strata, return_inverse=True)
        chances = chances / np.bincount(stratum, weights=chances)[stratum]
    counts = np.bincount(labels, weights=chances / chances.sum(), minlength=classes)
    return np.asarray(len(labels) * counts, dtype=np.float64)
