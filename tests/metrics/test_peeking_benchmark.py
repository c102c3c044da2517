"""The planted peek: what an oracle claims among equal configurations, and validation does not."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.peeking import expected_highest, simulate


def test_the_highest_of_two_tosses_by_hand():
    assert expected_highest(configs=2, images=1, accuracy=0.3) == pytest.approx(1 - 0.7**2)
    # one of two images: 0, 1 or 2 right with 1/4, 1/2, 1/4
    assert expected_highest(configs=1, images=2, accuracy=0.5) == pytest.approx(0.5)
    # the highest of two: 0 with 1/16, 2 with 1 - (3/4)**2 = 7/16, 1 else
    assert expected_highest(configs=2, images=2, accuracy=0.5) == pytest.approx((8 + 14) / 32)


def test_sixty_equal_configurations_on_500_images():
    """As in the reference: 3.6 points and more for the oracle, nothing for validation."""
    exact = expected_highest(configs=60, images=500, accuracy=0.85)
    assert exact - 0.85 == pytest.approx(0.036, abs=0.001)
    told = simulate(studies=40, configs=60, images=500, accuracy=0.85, shared=0.0, seed=0)
    oracle, validation = told["accuracy"]["oracle"], told["accuracy"]["validation"]
    assert np.mean(oracle) == pytest.approx(exact, abs=4 * stats.sem(oracle))
    assert np.mean(validation) == pytest.approx(0.85, abs=4 * stats.sem(validation))
