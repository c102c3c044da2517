"""The CDANN penalty: what the class adds to DANN, and how classes are weighted."""

from typing import Any

import pytest
import torch
from method_contract import COUNTS, batch, facts
from torch import Tensor
from torch.nn import functional as F

from wbcray.methods.base import LossTerms, Outputs, Targets
from wbcray.methods.penalties.cdann import Cdann, CdannParams

FEATURES = batch().features
LABELS, DOMAINS = batch().targets.labels, batch().targets.domains


def penalty(*, counts: Tensor = COUNTS, **params: Any) -> Cdann:
    torch.manual_seed(0)
    return Cdann(CdannParams(**params), facts(counts))


def terms(
    of: Cdann,
    features: Tensor = FEATURES,
    labels: Tensor = LABELS,
    domains: Tensor = DOMAINS,
    *,
    progress: float = 1.0,
) -> LossTerms:
    outputs = Outputs(features=features, logits=torch.zeros(len(labels), 3))
    return of(outputs, Targets(labels=labels, domains=domains), progress)


def slow(of: Cdann, features: Tensor, labels: Tensor, domains: Tensor) -> Tensor:
    """Mean over the classes of the mean loss of a class."""
    logits = of.discriminator(features + of.embedding(labels))
    means = [
        F.cross_entropy(logits[labels == name], domains[labels == name]) for name in labels.unique()
    ]
    return torch.stack(means).mean()


@pytest.mark.parametrize("kept", [[0, 1, 2, 3, 4, 5], [0, 2, 3, 5], [1, 4]])
def test_every_class_in_the_batch_counts_the_same(kept: list[int]) -> None:
    # The second batch lacks class 1, the third has it alone.
    given = FEATURES[kept], LABELS[kept], DOMAINS[kept]
    cdann = penalty()
    torch.testing.assert_close(terms(cdann, *given).total, slow(cdann, *given))


def test_more_images_of_a_class_do_not_weigh_more() -> None:
    cdann, rows = penalty(), torch.tensor([0, 1, 2, 3, 4, 5, 1, 4, 1, 4])
    repeated = terms(cdann, FEATURES[rows], LABELS[rows], DOMAINS[rows]).total
    torch.testing.assert_close(repeated, terms(cdann).total)


def test_the_features_learn_the_opposite_of_the_discriminator() -> None:
    cdann = penalty(weight=0.5, schedule="constant")
    features, plain = FEATURES.clone().requires_grad_(), FEATURES.clone().requires_grad_()
    terms(cdann, features).total.backward()
    slow(cdann, plain, LABELS, DOMAINS).backward()
    torch.testing.assert_close(features.grad, -0.5 * plain.grad)


def test_discriminator_and_embedding_learn_with_weight_one() -> None:
    cdann = penalty(weight=0.5)
    terms(cdann, progress=0.3).total.backward()
    found = [parameter.grad.clone() for parameter in cdann.parameters()]
    cdann.zero_grad()
    slow(cdann, FEATURES, LABELS, DOMAINS).backward()
    torch.testing.assert_close(found, [parameter.grad for parameter in cdann.parameters()])


def test_the_discriminator_sees_the_class() -> None:
    cdann = penalty()
    swapped = LABELS[torch.tensor([1, 0, 2, 3, 4, 5])]
    assert terms(cdann, labels=swapped).total.item() != terms(cdann).total.item()


def test_images_of_a_domain_without_training_images_do_not_count() -> None:
    cdann, domains = penalty(), torch.cat([DOMAINS[:4], torch.tensor([2, 2])])
    known = terms(cdann, FEATURES[:4], LABELS[:4], DOMAINS[:4]).total
    torch.testing.assert_close(terms(cdann, domains=domains).total, known)


def test_a_batch_of_one_domain_moves_nobody() -> None:
    cdann, features = penalty(), FEATURES.clone().requires_grad_()
    total = terms(cdann, features, domains=torch.ones_like(DOMAINS)).total
    total.backward()
    assert total.item() == 0.0
    assert not features.grad.any()
    assert not any(parameter.grad.any() for parameter in cdann.parameters())


def test_float64_features_keep_their_digits() -> None:
    cdann = penalty().double()
    given = FEATURES.double(), LABELS, DOMAINS
    torch.testing.assert_close(terms(cdann, *given).total, slow(cdann, *given), rtol=1e-14, atol=0)
