"""Right answers by chance: exact moments, checked against every arrangement of a few labels."""

from itertools import permutations
from math import isnan, sqrt

import numpy as np
import pytest

from wbcray.metrics.chance import AgainstChance, against_chance, right_by_chance


def table(true, said, classes=3):
    found = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(found, (np.array(true, dtype=int), np.array(said, dtype=int)), 1)
    return found


def all_right_answers(true, said):
    """The right answers of every arrangement of the true labels."""
    return [sum(t == s for t, s in zip(order, said, strict=True)) for order in permutations(true)]


@pytest.mark.parametrize(
    ("true", "said"),
    [
        ([0, 1], [0, 1]),
        ([0, 0, 1, 2, 2, 1], [0, 1, 1, 2, 0, 0]),
        ([0, 0, 0, 0, 1, 2], [0, 0, 0, 2, 1, 2]),
        ([0, 0, 0, 1, 1], [0, 0, 0, 0, 0]),
        ([2, 2, 2, 2], [0, 1, 2, 2]),
    ],
)
def test_mean_and_variance_are_those_of_all_arrangements(true, said):
    found, every = right_by_chance(table(true, said)), all_right_answers(true, said)
    assert found.mean == pytest.approx(np.mean(every))
    assert found.variance == pytest.approx(np.var(every), abs=1e-12)
    assert (found.images, found.right) == (len(true), every[0])


def test_two_labels_in_any_order_by_hand():
    """Both right or both wrong, each in one of two orders: mean 1, variance 1."""
    found = right_by_chance(table([0, 1], [0, 1]))
    assert (found.right, found.mean, found.variance) == (2, 1.0, pytest.approx(1.0))


def test_labels_do_not_leave_their_domain():
    """A network that only knows the domain's commonest class is at chance, not above it."""
    counts = np.stack([table([0] * 9 + [1], [0] * 10), table([1] * 9 + [0], [1] * 10)])
    found = right_by_chance(counts)
    assert (found.right, found.mean) == (18, pytest.approx(18))
    assert found.variance == pytest.approx(0, abs=1e-12)
    assert against_chance([found]).verdict == "cannot tell"
    assert right_by_chance(counts.sum(axis=0)).mean == pytest.approx(10)


def test_one_image_and_no_image_have_no_spread():
    assert right_by_chance(table([1], [1])).variance == 0
    nothing = right_by_chance(table([], []))
    assert (nothing.images, nothing.mean, nothing.variance) == (0, 0.0, 0.0)
    assert isnan(against_chance([nothing]).observed)
    assert isnan(against_chance([]).z)


def test_several_networks_are_added_up():
    one = right_by_chance(table([0, 0, 1, 1], [0, 0, 1, 1]))  # mean 2, variance 4/3
    both = against_chance([one, one])
    assert (both.observed, both.chance) == (1.0, 0.5)
    assert one.variance == pytest.approx(4 / 3)
    assert both.error == pytest.approx(sqrt(8 / 3) / 8)
    assert both.z == pytest.approx(4 / sqrt(8 / 3))


@pytest.mark.parametrize(
    ("z", "verdict"),
    [(0.0, "at chance"), (3.0, "at chance"), (3.01, "above chance"), (-3.01, "below chance")],
)
def test_three_standard_errors_decide(z, verdict):
    assert AgainstChance(observed=0.5, chance=0.5, error=0.1, z=z).verdict == verdict


def test_shuffled_labels_are_called_above_chance_as_rarely_as_promised():
    rng = np.random.default_rng(0)
    true, said = rng.integers(0, 4, 60), rng.integers(0, 4, 60)
    z = [
        against_chance([right_by_chance(table(rng.permutation(true), said, 4))]).z
        for _ in range(2000)
    ]
    assert abs(np.mean(z)) < 0.07  # three standard errors of the mean
    assert np.std(z) == pytest.approx(1, abs=0.06)
    assert np.mean(np.array(z) > 3) < 0.005
