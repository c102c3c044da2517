"""Running centroids of domain-class pairs."""

import pytest
import torch

from wbcray.methods.centroids import Centroids

COUNTS = torch.tensor([[5, 3, 0], [4, 0, 2]])
CLASS_0, DOMAIN_0 = torch.tensor([0, 0]), torch.tensor([0, 0])


def centroids(*, momentum: float = 0.2, interval: int = 1) -> Centroids:
    return Centroids(COUNTS, dim=1, momentum=momentum, interval=interval)


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values)[:, None]


def test_only_pairs_with_training_images_appear() -> None:
    pairs = centroids()
    assert list(zip(pairs.domains.tolist(), pairs.labels.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 2),
    ]


def test_the_first_centroid_is_the_mean() -> None:
    pairs = centroids()
    pairs.add(column(1.0, 3.0), CLASS_0, DOMAIN_0)
    pairs.combine()
    assert pairs.means[0].tolist() == [2.0]


def test_the_second_keeps_a_fifth_of_the_first() -> None:
    # 0.2 * 2 + 0.8 * 12 = 10
    pairs = centroids()
    for values in (column(1.0, 3.0), column(11.0, 13.0)):
        pairs.add(values, CLASS_0, DOMAIN_0)
        pairs.combine()
    assert pairs.means[0].item() == pytest.approx(10.0)


def test_a_pair_that_was_not_seen_keeps_its_centroid() -> None:
    pairs = centroids()
    pairs.add(column(1.0, 3.0), CLASS_0, DOMAIN_0)
    pairs.combine()
    pairs.combine()
    assert pairs.means[0].tolist() == [2.0]


def test_a_pair_that_was_never_seen_is_not_ready() -> None:
    pairs = centroids()
    pairs.add(column(1.0, 3.0), CLASS_0, DOMAIN_0)
    pairs.combine()
    assert pairs.ready.tolist() == [True, False, False, False]


def test_images_of_a_pair_without_training_images_are_ignored() -> None:
    pairs = centroids()
    pairs.add(column(7.0), torch.tensor([1]), torch.tensor([1]))
    pairs.combine()
    assert not pairs.ready.any()
    assert not pairs.means.any()


def test_steps_wait_for_the_interval() -> None:
    pairs = centroids(interval=3)
    for value in (1.0, 2.0):
        pairs.step(column(value), CLASS_0[:1], DOMAIN_0[:1])
    assert not pairs.ready.any()


def test_at_the_interval_the_steps_are_averaged() -> None:
    pairs = centroids(interval=3)
    for value in (1.0, 2.0, 6.0):
        pairs.step(column(value), CLASS_0[:1], DOMAIN_0[:1])
    assert pairs.means[0].tolist() == [3.0]


def test_the_next_interval_starts_from_nothing() -> None:
    # 0.2 * 3 + 0.8 * 8 = 7
    pairs = centroids(interval=3)
    for value in (1.0, 2.0, 6.0, 8.0, 8.0, 8.0):
        pairs.step(column(value), CLASS_0[:1], DOMAIN_0[:1])
    assert pairs.means[0].item() == pytest.approx(7.0)


def test_a_long_table_is_summed_whole() -> None:
    # 10 000 rows are three chunks; the mean of 0 .. 9999 is 4999.5
    pairs = centroids()
    ids = torch.zeros(10_000, dtype=torch.int64)
    pairs.add(torch.arange(10_000.0)[:, None], ids, ids)
    pairs.combine()
    assert pairs.means[0].tolist() == [4999.5]


def test_two_halves_of_a_batch_give_the_same_centroid_as_the_whole() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(8, 1, generator=generator)
    ids = torch.zeros(8, dtype=torch.int64)
    whole, halves = centroids(), centroids()
    whole.add(features, ids, ids)
    for rows in (slice(0, 8, 2), slice(1, 8, 2)):
        halves.add(features[rows], ids[rows], ids[rows])
    whole.combine()
    halves.combine()
    torch.testing.assert_close(whole.means, halves.means, rtol=0, atol=1e-7)
