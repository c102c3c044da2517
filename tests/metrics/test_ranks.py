"""Ranks over blocks, against scipy and scikit-posthocs."""

from math import isnan

import numpy as np
import pytest
from scipy import stats

from wbcray.metrics.ranks import (
    critical_difference,
    friedman,
    nemenyi,
    signed_ranks,
    spearman,
)

RNG = np.random.default_rng(5)
SCORES = np.round(RNG.normal(size=(9, 4)) + np.array([0, 0.2, 0.8, 1.2]), 1)


def test_friedman_is_that_of_scipy():
    expected = stats.friedmanchisquare(*SCORES.T)
    found = friedman(SCORES)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_mean_ranks_by_hand():
    # first block 1 2 3, second block 1.5 1.5 3
    found = friedman(np.array([[0.9, 0.8, 0.7], [0.8, 0.8, 0.1]]))
    assert found.ranks.tolist() == [1.25, 1.75, 3.0]


def test_equal_scores_everywhere_have_no_test():
    assert isnan(friedman(np.ones((6, 3))).p)


def test_half_empty_tables_are_refused():
    with pytest.raises(ValueError, match="full table"):
        friedman(np.array([[0.1, 0.2, np.nan], [0.1, 0.2, 0.3]]))


def test_nemenyi_is_that_of_scikit_posthocs():
    posthocs = pytest.importorskip("scikit_posthocs")
    expected = posthocs.posthoc_nemenyi_friedman(SCORES).to_numpy()
    found = nemenyi(friedman(SCORES).ranks, len(SCORES))
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("methods", "blocks", "expected"), [(5, 3, 3.52), (5, 15, 1.57), (8, 3, 6.06), (2, 10, 0.62)]
)
def test_critical_differences_are_those_of_the_tables(methods, blocks, expected):
    # q of Demsar 2006, table 5a: 1.960 for 2, 2.728 for 5, 3.031 for 8 methods
    assert critical_difference(methods, blocks) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("size", [4, 5, 6, 12])
def test_signed_ranks_are_those_of_scipy(size):
    differences = np.random.default_rng(size).normal(0.3, 1, size)
    expected = stats.wilcoxon(differences, method="exact")
    assert signed_ranks(differences).p == pytest.approx(expected.pvalue)


def test_with_five_blocks_no_signed_rank_test_is_ever_significant():
    found = signed_ranks(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert (found.p, found.possible) == (0.0625, 0.0625)
    assert signed_ranks(np.arange(1.0, 7.0)).p == pytest.approx(0.03125)


def test_wins_ties_and_losses_are_counted():
    found = signed_ranks(np.array([0.1, 0.0, -0.2, 0.3, np.nan]))
    assert (found.wins, found.ties, found.losses) == (2, 1, 1)


def test_only_ties_are_no_difference():
    assert signed_ranks(np.zeros(6)).p == 1.0


def test_spearman_is_that_of_scipy():
    first, second = SCORES[:, 0], SCORES[:, 1]
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic)
    assert isnan(spearman(first, np.ones(9)))
