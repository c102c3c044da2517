"""Comparisons by hand, and the error rate that they promise."""

from math import isnan, nan, sqrt

import numpy as np
import pytest
from scipy import stats

from wbcray.metrics.comparison import (
    PairedDifference,
    holm,
    over_domains,
    paired_difference,
    tie_groups,
    verdict,
)

FIVEFOLD = 0.25  # one fifth tested, four fifths trained on


def test_the_corrected_interval_by_hand():
    # differences 1, 2, 3: mean 2, variance 1; error sqrt(1/3 + 1/4) = 0.7638; t(2) = 4.3027
    found = paired_difference(
        np.array([2.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0]), test_over_train=FIVEFOLD
    )
    half = 4.302653 * 0.763763
    assert (found.folds, found.mean) == (3, 2.0)
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half), rel=1e-5)
    assert found.p == pytest.approx(2 * stats.t.sf(2 / 0.763763, 2), rel=1e-5)


def test_without_overlap_it_is_the_paired_t_test():
    a, b = np.array([0.6, 0.7, 0.65, 0.8]), np.array([0.5, 0.71, 0.6, 0.7])
    assert paired_difference(a, b, test_over_train=0.0).p == pytest.approx(
        stats.ttest_rel(a, b).pvalue
    )


def test_folds_that_one_side_lacks_are_left_out():
    found = paired_difference(
        np.array([1.0, nan, 3.0, 5.0]), np.array([0.0, 1.0, nan, 2.0]), test_over_train=FIVEFOLD
    )
    assert (found.folds, found.mean) == (2, 2.0)


def test_one_fold_has_a_difference_but_no_interval():
    found = paired_difference(np.array([0.5]), np.array([0.25]), test_over_train=FIVEFOLD)
    assert (found.folds, found.mean) == (1, 0.25)
    assert all(map(isnan, (found.low, found.high, found.p)))


def test_no_shared_fold_has_no_difference():
    found = paired_difference(np.array([nan]), np.array([0.25]), test_over_train=FIVEFOLD)
    assert found.folds == 0
    assert isnan(found.mean)


def test_the_reference_against_itself_is_no_difference_at_all():
    a = np.array([0.5, 0.6, 0.7])
    assert paired_difference(a, a, test_over_train=FIVEFOLD) == PairedDifference(
        folds=3, mean=0.0, low=0.0, high=0.0, p=1.0
    )


def test_differences_without_spread_decide_nothing():
    found = paired_difference(np.full(5, 0.6), np.full(5, 0.5), test_over_train=FIVEFOLD)
    assert isnan(found.p)
    assert verdict(found, p_adjusted=found.p) == "cannot tell (5 folds)"


def test_holm_by_hand():
    # sorted .01 .03 .04 -> x3 .03, x2 .06, x1 .04 raised to .06
    assert holm([0.03, 0.01, 0.04]) == pytest.approx((0.06, 0.03, 0.06))


def test_holm_ignores_what_was_not_compared():
    assert holm([nan, 0.04]) == pytest.approx((nan, 0.04), nan_ok=True)


def test_holm_never_exceeds_one():
    assert holm([0.9, 0.8]) == (1.0, 1.0)


def difference(mean, folds=5):
    return PairedDifference(folds=folds, mean=mean, low=nan, high=nan, p=nan)


@pytest.mark.parametrize(
    ("mean", "folds", "p", "expected"),
    [
        (0.1, 5, 0.01, "better"),
        (-0.1, 5, 0.01, "worse"),
        (0.1, 5, 0.2, "tie"),
        (0.1, 1, nan, "cannot tell (1 fold)"),
        (0.1, 2, 0.01, "cannot tell (2 folds)"),
    ],
)
def test_the_verdict_in_words(mean, folds, p, expected):
    assert verdict(difference(mean, folds), p_adjusted=p) == expected


NOISE = np.array([0.01, -0.01, 0.02, -0.02, 0.0])


def test_methods_within_the_noise_share_a_group_and_a_far_one_does_not():
    groups = tie_groups(
        {"far": 0.2 + NOISE[::-1], "first": 0.8 + NOISE, "second": 0.79 - NOISE},
        test_over_train=FIVEFOLD,
    )
    assert groups == {"first": 1, "second": 1, "far": 2}


def test_a_steady_method_may_be_apart_though_a_lower_unsteady_one_is_not():
    unsteady = np.array([0.9, 0.4, 0.85, 0.5, 0.8])
    groups = tie_groups(
        {"best": 0.8 + NOISE, "steady": 0.75 + NOISE + NOISE[::-1] / 10, "unsteady": unsteady},
        test_over_train=FIVEFOLD,
    )
    assert groups == {"best": 1, "unsteady": 1, "steady": 2}


@pytest.mark.parametrize(("separable", "expected"), [(True, 2), (False, 1)])
def test_a_comparison_made_elsewhere_has_the_last_word(separable, expected):
    groups = tie_groups(
        {"best": 0.8 + NOISE, "other": 0.7 + NOISE[::-1]},
        test_over_train=FIVEFOLD,
        decided={frozenset(("best", "other")): separable},
    )
    assert groups == {"best": 1, "other": expected}


def test_two_folds_cannot_part_a_group():
    groups = tie_groups(
        {"a": np.array([0.9, 0.91]), "b": np.array([0.1, 0.12])}, test_over_train=FIVEFOLD
    )
    assert groups == {"a": 1, "b": 1}


def test_a_method_without_scores_has_no_group():
    assert tie_groups({"a": NOISE, "b": np.full(5, nan)}, test_over_train=FIVEFOLD) == {"a": 1}


def test_every_domain_counts_once():
    found = over_domains({"a": 0.1, "b": -0.04, "c": nan})
    assert (found.domains, found.positive) == (2, 1)
    assert (found.low, found.mean, found.high) == pytest.approx((-0.04, 0.03, 0.1))


def accuracies(rng, *, images=60, folds=5, repeats=10):
    """Accuracies [repeats * folds, 2] of two equally good one-feature learners on one data set."""
    truth = rng.integers(0, 2, images)
    features = truth[:, None] + rng.normal(size=(images, 2)) * 1.5
    rows = []
    for _ in range(repeats):
        for test in np.array_split(rng.permutation(images), folds):
            train = np.setdiff1d(np.arange(images), test)
            centers = [features[train][truth[train] == label].mean(axis=0) for label in (0, 1)]
            nearer = np.abs(features[test] - centers[1]) < np.abs(features[test] - centers[0])
            rows.append((nearer == truth[test, None]).mean(axis=0))
    return np.array(rows)


def test_equally_good_learners_are_called_different_as_seldom_as_promised():
    rng = np.random.default_rng(0)
    studies = [accuracies(rng) for _ in range(120)]
    corrected = [paired_difference(*s.T, test_over_train=FIVEFOLD).p < 0.05 for s in studies]
    naive = [paired_difference(*s.T, test_over_train=0.0).p < 0.05 for s in studies]
    # three standard errors of a 5 % rate over 120 studies
    assert np.mean(corrected) <= 0.05 + 3 * sqrt(0.05 * 0.95 / 120)
    assert np.mean(naive) > 0.3
