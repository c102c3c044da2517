"""Intervals of shares."""

from math import isnan

import pytest
from scipy.stats import binomtest

from wbcray.metrics.intervals import wilson


def test_half_of_52_images_is_known_to_13_points():
    assert wilson(26, 52) == pytest.approx((0.369, 0.631), abs=5e-4)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (3, 11), (40, 40)])
def test_it_agrees_with_scipy(successes, n):
    expected = binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes, n) == pytest.approx((expected.low, expected.high))


def test_one_image_tells_almost_nothing():
    low, high = wilson(1, 1)
    assert low < 0.25
    assert high == 1


def test_no_images_give_no_interval():
    assert all(map(isnan, wilson(0, 0)))


def test_more_successes_than_images_are_refused():
    with pytest.raises(ValueError, match=r"0 \.\. 2, got 3"):
        wilson(3, 2)
