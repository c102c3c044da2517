"""The BoDA loss, against values worked out from the formula."""

import math

import pytest
import slow_reference
import torch
from torch import Tensor

from wbcray.methods.functional import boda

# Domain 0 has 8, 4 and 2 images of three classes; domain 1 has 6 and 3 and lacks the third class.
COUNTS = torch.tensor([[8, 4, 2], [6, 3, 0]])
PAIR_DOMAINS = torch.tensor([0, 0, 0, 1, 1])
PAIR_LABELS = torch.tensor([0, 1, 2, 0, 1])
CENTROIDS = torch.tensor(
    [[0.0, 0.0], [3.0, 0.0], [0.0, 4.0], [1.0, 0.0], [3.0, 1.0]], dtype=torch.float64
)
FEATURES = torch.tensor(
    [[0.5, 0.0], [3.0, 0.5], [0.0, 3.0], [1.0, 1.0], [2.0, 1.0]], dtype=torch.float64
)
LABELS = torch.tensor([0, 1, 2, 0, 1])
DOMAINS = torch.tensor([0, 0, 0, 1, 1])
LOG_RIVALS = math.log(4)  # of five centroids, one is the image's own


def loss(features: Tensor = FEATURES, **changes) -> Tensor:
    given = {
        "labels": LABELS,
        "domains": DOMAINS,
        "centroids": CENTROIDS,
        "centroid_domains": PAIR_DOMAINS,
        "centroid_labels": PAIR_LABELS,
        "counts": COUNTS,
        "nu": 0.5,
        "temperature": 1.0,
    } | changes
    labels, domains = given.pop("labels"), given.pop("domains")
    return boda(features, labels, domains, **given)


@pytest.mark.parametrize(
    ("nu", "temperature", "expected"),
    [
        (0.5, 1.0, 1.1636990623),
        (0.0, 1.0, 1.1339424238),
        (1.0, 1.0, 1.1741242790),
        (0.5, 0.1, 0.5171931072),
    ],
)
def test_five_images_cost_what_the_formula_says(nu, temperature, expected) -> None:
    assert loss(nu=nu, temperature=temperature).item() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("image", "expected"),
    [(0, 1.2601227048), (1, 0.9027040537), (3, 1.3797499126), (4, 1.1122195780)],
)
def test_each_image_with_a_positive_pair_costs_its_share(image, expected) -> None:
    rows = slice(image, image + 1)
    alone = loss(FEATURES[rows], labels=LABELS[rows], domains=DOMAINS[rows])
    assert alone.item() == pytest.approx(expected, abs=1e-9)


def test_the_gradient_is_the_known_one() -> None:
    features = FEATURES.clone().requires_grad_()
    loss(features).backward()
    expected = torch.tensor(
        [
            [-0.0102057401, 0.0053396102],
            [-0.0370420471, -0.0321705155],
            [0.0, 0.0],
            [0.0387104091, 0.0273134563],
            [-0.0983542877, 0.0232349904],
        ],
        dtype=torch.float64,
    )
    torch.testing.assert_close(features.grad, expected, atol=1e-9, rtol=0)


def test_autograd_agrees_with_finite_differences() -> None:
    assert torch.autograd.gradcheck(loss, (FEATURES.clone().requires_grad_(),))


@pytest.mark.parametrize("seed", range(5))
def test_random_problems_agree_with_the_loops(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    counts = torch.randint(0, 9, (3, 4), generator=generator)
    counts[:, 0] += 1
    pairs = counts.nonzero()
    centroids = torch.randn(len(pairs), 3, generator=generator, dtype=torch.float64)
    chosen = pairs[torch.randint(0, len(pairs), (12,), generator=generator)]
    features = torch.randn(12, 3, generator=generator, dtype=torch.float64)
    fast = loss(
        features,
        labels=chosen[:, 1],
        domains=chosen[:, 0],
        centroids=centroids,
        centroid_domains=pairs[:, 0],
        centroid_labels=pairs[:, 1],
        counts=counts,
        temperature=0.7,
    )
    keys = [tuple(pair) for pair in pairs.tolist()]
    slow = slow_reference.boda(
        list(zip(features.tolist(), [tuple(pair) for pair in chosen.tolist()], strict=True)),
        centroids=dict(zip(keys, centroids.tolist(), strict=True)),
        counts={key: int(counts[key]) for key in keys},
        nu=0.5,
        temperature=0.7,
    )
    assert fast.item() == pytest.approx(slow, abs=1e-10)


def test_equal_counts_of_one_leave_the_plain_alignment_loss() -> None:
    ones = torch.ones_like(COUNTS)
    assert loss(counts=ones).item() == pytest.approx(0.5554114640, abs=1e-9)


def test_stretching_all_distances_is_lowering_the_temperature() -> None:
    stretched = loss(3 * FEATURES, centroids=3 * CENTROIDS)
    torch.testing.assert_close(stretched, loss(temperature=1 / 3))


def test_multiplying_all_counts_is_raising_the_temperature() -> None:
    torch.testing.assert_close(loss(counts=5 * COUNTS), loss(temperature=5.0))


def test_the_order_of_the_centroids_does_not_matter() -> None:
    order = torch.tensor([4, 2, 0, 3, 1])
    shuffled = loss(
        centroids=CENTROIDS[order],
        centroid_domains=PAIR_DOMAINS[order],
        centroid_labels=PAIR_LABELS[order],
    )
    torch.testing.assert_close(shuffled, loss())


def test_swapping_the_numbers_of_two_domains_changes_nothing() -> None:
    swapped = loss(
        domains=1 - DOMAINS, centroid_domains=1 - PAIR_DOMAINS, counts=COUNTS[torch.tensor([1, 0])]
    )
    torch.testing.assert_close(swapped, loss())


def test_equal_centroids_without_calibration_cost_the_logarithm_of_the_rivals() -> None:
    assert loss(centroids=torch.ones(5, 2).double(), nu=0.0).item() == pytest.approx(LOG_RIVALS)


def test_features_on_top_of_all_centroids_cost_the_logarithm_of_the_rivals() -> None:
    value = loss(torch.zeros(5, 2).double(), centroids=torch.zeros(5, 2).double())
    assert value.item() == pytest.approx(LOG_RIVALS)


def test_without_a_positive_pair_loss_and_gradient_are_zero() -> None:
    features = FEATURES[2:3].clone().requires_grad_()
    value = loss(features, labels=LABELS[2:3], domains=DOMAINS[2:3])
    value.backward()
    assert value.item() == 0.0
    assert features.grad.tolist() == [[0.0, 0.0]]


def test_without_any_centroid_the_loss_is_zero() -> None:
    features = FEATURES.clone().requires_grad_()
    value = loss(
        features,
        centroids=CENTROIDS[:0],
        centroid_domains=PAIR_DOMAINS[:0],
        centroid_labels=PAIR_LABELS[:0],
    )
    value.backward()
    assert value.item() == 0.0
    assert not features.grad.any()


def test_a_lone_own_centroid_costs_nothing() -> None:
    features = FEATURES[:1].clone().requires_grad_()
    value = loss(
        features,
        labels=LABELS[:1],
        domains=DOMAINS[:1],
        centroids=CENTROIDS[:1],
        centroid_domains=PAIR_DOMAINS[:1],
        centroid_labels=PAIR_LABELS[:1],
    )
    value.backward()
    assert value.item() == 0.0
    assert not features.grad.any()


def test_a_single_image_far_away_stays_finite_in_float32() -> None:
    # exp(-1000 * (8484 / 1)) underflows, which is NaN without the shift by the maximum
    counts = torch.tensor([[1, 8484, 2], [6, 3, 0]])
    features = (1000 * torch.ones(5, 2)).requires_grad_()
    value = loss(features, centroids=CENTROIDS.float(), counts=counts)
    value.backward()
    assert math.isfinite(value.item())
    assert bool(torch.isfinite(features.grad).all())


def test_moving_everything_far_from_the_origin_changes_nothing() -> None:
    # Sums of 4096 and these coordinates are exact in float32; a distance by way of inner products
    # of numbers near 4096^2 would not be.
    near = loss(FEATURES.float(), centroids=CENTROIDS.float())
    far = loss(FEATURES.float() + 4096, centroids=CENTROIDS.float() + 4096)
    assert torch.equal(near, far)


def test_an_image_of_a_pair_without_training_images_counts_as_one() -> None:
    strange = {"labels": torch.tensor([2]), "domains": torch.tensor([1])}
    as_one = COUNTS.clone()
    as_one[1, 2] = 1
    value = loss(FEATURES[:1], **strange)
    assert math.isfinite(value.item())
    assert torch.equal(value, loss(FEATURES[:1], **strange, counts=as_one))


def test_centroids_receive_no_gradient() -> None:
    centroids = CENTROIDS.clone().requires_grad_()
    loss(FEATURES.clone().requires_grad_(), centroids=centroids).backward()
    assert centroids.grad is None


def test_autocast_does_not_lower_the_precision() -> None:
    features, centroids = FEATURES.float(), CENTROIDS.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = loss(features, centroids=centroids)
    assert torch.equal(inside, loss(features, centroids=centroids))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (torch.float64, torch.float64),
        (torch.float32, torch.float32),
        (torch.bfloat16, torch.float32),
    ],
)
def test_the_loss_is_never_less_precise_than_float32(given, expected) -> None:
    assert loss(FEATURES.to(given)).dtype == expected
