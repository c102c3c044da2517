"""Better, equal or worse by what is worth mentioning."""

from math import isnan

import numpy as np
import pytest
from scipy import stats

from wbcray.metrics.comparison import paired_difference
from wbcray.metrics.practical_equivalence import practical

ZERO = np.zeros(5)
GAINS = np.array([0.02, 0.03, 0.01, 0.05, 0.015])


def test_the_posterior_is_the_student_distribution_of_benavoli():
    # location mean, scale sqrt((1/n + r / (1 - r)) s**2) with r the tested share, n - 1 freedom
    found = practical(paired_difference(GAINS, ZERO, overlap=0.25))
    scale = np.sqrt((1 / 5 + 0.2 / 0.8) * GAINS.var(ddof=1))
    posterior = stats.t(df=4, loc=GAINS.mean(), scale=scale)
    assert found.better == pytest.approx(posterior.sf(0.01))
    assert found.worse == pytest.approx(posterior.cdf(-0.01))
    assert found.equal == pytest.approx(1 - posterior.sf(0.01) - posterior.cdf(-0.01))


def test_turning_the_difference_round_turns_the_probabilities_round():
    ahead = practical(paired_difference(GAINS, ZERO, overlap=0.25))
    behind = practical(paired_difference(ZERO, GAINS, overlap=0.25))
    assert (behind.worse, behind.equal) == pytest.approx((ahead.better, ahead.equal))


def test_small_steady_differences_are_practically_equal():
    steady = np.array([0.001, 0.002, 0.001, 0.0015, 0.001])
    assert practical(paired_difference(steady, ZERO, overlap=0.25)).equal > 0.999


def test_a_method_against_itself_is_equal():
    assert practical(paired_difference(GAINS, GAINS, overlap=0.25)).equal == 1.0


def test_two_folds_have_no_probability():
    assert isnan(practical(paired_difference(GAINS[:2], ZERO[:2], overlap=0.25)).better)
