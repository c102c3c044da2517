"""The distance of gradient variances, against a gradient per image."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wbcray.methods.functional.fishr import fishr, gradient_variances

DIM, CLASSES = 5, 4
DOMAINS = torch.tensor([0, 2, 1, 0, 1, 2, 0, 0, 1, 2, 2, 0])
LABELS = torch.tensor([0, 1, 2, 3, 0, 0, 1, 2, 3, 3, 2, 0])


def features(images: int = 12, *, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(images, DIM, generator=generator, dtype=torch.float64)


def head() -> nn.Linear:
    torch.manual_seed(3)
    return nn.Linear(DIM, CLASSES, dtype=torch.float64)


def image_gradients(classifier: nn.Linear, given: Tensor, labels: Tensor) -> Tensor:
    """The gradient of each image's cross-entropy, one image after another."""
    rows = []
    for row, label in zip(given, labels, strict=True):
        loss = F.cross_entropy(classifier(row)[None], label[None])
        weight, bias = torch.autograd.grad(
            loss, [classifier.weight, classifier.bias], create_graph=True
        )
        rows.append(torch.cat([weight, bias[:, None]], dim=1).flatten())
    return torch.stack(rows)


def variances_of(gradients: Tensor) -> Tensor:
    members = [gradients[domain == DOMAINS] for domain in DOMAINS.unique()]
    return torch.stack([group.var(0, correction=0) for group in members])


def slow_fishr(classifier: nn.Linear, given: Tensor) -> Tensor:
    gradients = image_gradients(classifier, given, LABELS)
    variances = variances_of(gradients)
    return torch.stack([(v - variances.mean(0)).square().mean() for v in variances]).mean()


def test_two_domains_cost_what_the_formula_says() -> None:
    # Undecided logits: r = (-1/2, 1/2). Features 1 and 3 give weights a variance of 1/4, biases
    # and the domain of equal features have none. Half of four entries are 1/8 from their mean.
    given = torch.tensor([[1.0], [3.0], [2.0], [2.0]])
    loss = fishr(given, torch.zeros(4, 2), torch.zeros(4).long(), torch.tensor([0, 0, 1, 1]))
    assert loss.item() == pytest.approx(1 / 128, rel=1e-6)


def test_the_variances_are_those_of_the_gradients_of_the_images() -> None:
    gradients = image_gradients(head(), features(), LABELS)
    expected = variances_of(gradients)
    found, known = gradient_variances(features(), head()(features()), LABELS, DOMAINS, groups=3)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-14)
    assert known.all()


def test_value_and_gradients_are_those_of_a_gradient_per_image() -> None:
    classifier = head()
    given, plain = features().requires_grad_(), features().requires_grad_()
    found = fishr(given, classifier(given), LABELS, DOMAINS)
    expected = slow_fishr(classifier, plain)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=0)
    torch.testing.assert_close(
        torch.autograd.grad(found, [given, *classifier.parameters()]),
        torch.autograd.grad(expected, [plain, *classifier.parameters()]),
        rtol=1e-9,
        atol=1e-14,
    )


def test_autograd_agrees_with_finite_differences() -> None:
    given = features(6).requires_grad_(), head()(features(6)).detach().requires_grad_()
    labels, domains = LABELS[:6], torch.tensor([0, 1, 0, 1, 1, 0])
    assert torch.autograd.gradcheck(lambda z, logits: fishr(z, logits, labels, domains), given)


def test_features_far_from_the_origin_keep_their_digits() -> None:
    # Squares of 1e6 in float32 would leave nothing of variances near one.
    given = (features() + 1000).float()
    logits = head()(features()).detach().float()
    found = fishr(given, logits, LABELS, DOMAINS)
    r = logits.double().softmax(1) - F.one_hot(LABELS, CLASSES)
    z = F.pad(given.double(), (0, 1), value=1.0)
    gradients = (r[:, :, None] * z[:, None, :]).flatten(1)
    variances = variances_of(gradients)
    expected = (variances - variances.mean(0)).square().mean()
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)


def test_identical_domains_cost_nothing() -> None:
    twice = features(4).repeat(2, 1)
    domains = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    loss = fishr(twice, head()(twice), LABELS[:4].repeat(2), domains)
    assert loss.item() == pytest.approx(0.0, abs=1e-28)


def test_a_lone_image_has_no_variance_and_is_left_out() -> None:
    given, logits = features(), head()(features())
    without = fishr(given, logits, LABELS, DOMAINS)
    more = torch.cat([given, 9 * given[:1]])
    domains, labels = torch.cat([DOMAINS, torch.tensor([5])]), torch.cat([LABELS, LABELS[:1]])
    assert fishr(more, head()(more), labels, domains).item() == pytest.approx(without.item())


@pytest.mark.parametrize("domains", [[0, 0, 0], [0, 0, 1], [0, 1, 2]])
def test_one_variance_or_none_costs_exactly_nothing(domains: list[int]) -> None:
    given = features(3).requires_grad_()
    loss = fishr(given, head()(given), LABELS[:3], torch.tensor(domains))
    (gradient,) = torch.autograd.grad(loss, given)
    assert loss.item() == 0.0
    assert not gradient.any()


def test_neither_order_nor_numbers_of_the_domains_matter() -> None:
    order = torch.randperm(12, generator=torch.Generator().manual_seed(1))
    given, logits = features(), head()(features())
    other = fishr(given[order], logits[order], LABELS[order], 7 - 3 * DOMAINS[order])
    torch.testing.assert_close(other, fishr(given, logits, LABELS, DOMAINS))


def test_autocast_does_not_lower_the_precision() -> None:
    given, logits = features().float(), head()(features()).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = fishr(given, logits, LABELS, DOMAINS)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, fishr(given, logits, LABELS, DOMAINS))
