"""Comparisons by hand."""

from math import isnan, nan

import numpy as np
import pytest
from scipy import stats

from wbcray.metrics.comparison import (
    PairedDifference,
    holm,
    paired_difference,
    tie_groups,
    unseen_overlap,
    verdict,
)
from wbcray.metrics.domain_mean import over_domains

FIVEFOLD = 0.25  # one fifth tested, four fifths trained on


def test_the_corrected_interval_by_hand():
    # differences 1, 2, 3: mean 2, variance 1; error sqrt(1/3 + 1/4) = 0.7638; t(2) = 4.3027
    found = paired_difference(
        np.array([2.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0]), overlap=FIVEFOLD
    )
    half = 4.302653 * 0.763763
    assert (found.folds, found.mean) == (3, 2.0)
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half), rel=1e-5)
    assert found.p == pytest.approx(2 * stats.t.sf(2 / 0.763763, 2), rel=1e-5)


def test_on_shared_images_the_error_is_that_of_the_delete_one_group_jackknife():
    differences = np.array([0.1, 0.12, 0.05, 0.2, 0.08])
    # a fold is trained without its group, so its score is the jackknife's with that group deleted
    jackknife = 4 / 5 * ((differences - differences.mean()) ** 2).sum()
    found = paired_difference(differences, np.zeros(5), overlap=unseen_overlap(FIVEFOLD))
    assert found.error**2 == pytest.approx(jackknife)


def test_the_noise_of_images_joins_that_of_folds_by_hand():
    # training variance 1 * (1/3 + 1/4) = 7/12, images 5/12: error 1, freedom 2 / (7/12)**2
    found = paired_difference(
        np.array([2.0, 4.0, 6.0]),
        np.array([1.0, 2.0, 3.0]),
        overlap=FIVEFOLD,
        image_variance=5 / 12,
    )
    assert found.error == pytest.approx(1.0)
    assert found.freedom == pytest.approx(2 / (7 / 12) ** 2)
    assert found.p == pytest.approx(2 * stats.t.sf(2.0, 2 / (7 / 12) ** 2))


def test_a_noise_of_images_that_is_estimated_costs_degrees_of_freedom():
    # shares 7/12 and 5/12 of the error: 1 / ((7/12)**2 / 2 + (5/12)**2 / 10)
    found = paired_difference(
        np.array([2.0, 4.0, 6.0]),
        np.array([1.0, 2.0, 3.0]),
        overlap=FIVEFOLD,
        image_variance=5 / 12,
        image_freedom=10.0,
    )
    assert found.freedom == pytest.approx(1 / ((7 / 12) ** 2 / 2 + (5 / 12) ** 2 / 10))


def test_where_images_alone_make_the_error_it_is_normal():
    found = paired_difference(np.full(5, 0.6), np.full(5, 0.5), overlap=3.0, image_variance=0.0025)
    assert found.p == pytest.approx(2 * stats.norm.sf(2.0), rel=1e-4)


@pytest.mark.parametrize(("folds", "expected"), [(2, 0.0), (3, 1.0), (5, 3.0), (10, 8.0)])
def test_folds_on_shared_images_overlap_by_folds_minus_two(folds, expected):
    assert unseen_overlap(1 / (folds - 1)) == pytest.approx(expected)


def test_without_overlap_it_is_the_paired_t_test():
    a, b = np.array([0.6, 0.7, 0.65, 0.8]), np.array([0.5, 0.71, 0.6, 0.7])
    assert paired_difference(a, b, overlap=0.0).p == pytest.approx(stats.ttest_rel(a, b).pvalue)


def test_folds_that_one_side_lacks_are_left_out():
    found = paired_difference(
        np.array([1.0, nan, 3.0, 5.0]), np.array([0.0, 1.0, nan, 2.0]), overlap=FIVEFOLD
    )
    assert (found.folds, found.mean) == (2, 2.0)


def test_one_fold_has_a_difference_but_no_interval():
    found = paired_difference(np.array([0.5]), np.array([0.25]), overlap=FIVEFOLD)
    assert (found.folds, found.mean) == (1, 0.25)
    assert all(map(isnan, (found.low, found.high, found.p)))


def test_no_shared_fold_has_no_difference():
    found = paired_difference(np.array([nan]), np.array([0.25]), overlap=FIVEFOLD)
    assert found.folds == 0
    assert isnan(found.mean)


def test_the_reference_against_itself_is_no_difference_at_all():
    a = np.array([0.5, 0.6, 0.7])
    found = paired_difference(a, a, overlap=FIVEFOLD)
    assert (found.folds, found.mean, found.low, found.high, found.p) == (3, 0.0, 0.0, 0.0, 1.0)


def test_differences_without_spread_decide_nothing():
    found = paired_difference(np.full(5, 0.6), np.full(5, 0.5), overlap=FIVEFOLD)
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
        overlap=FIVEFOLD,
    )
    assert groups == {"first": 1, "second": 1, "far": 2}


def test_a_steady_method_may_be_apart_though_a_lower_unsteady_one_is_not():
    unsteady = np.array([0.9, 0.4, 0.85, 0.5, 0.8])
    groups = tie_groups(
        {"best": 0.8 + NOISE, "steady": 0.75 + NOISE + NOISE[::-1] / 10, "unsteady": unsteady},
        overlap=FIVEFOLD,
    )
    assert groups == {"best": 1, "unsteady": 1, "steady": 2}


@pytest.mark.parametrize(("separable", "expected"), [(True, 2), (False, 1)])
def test_a_comparison_made_elsewhere_has_the_last_word(separable, expected):
    groups = tie_groups(
        {"best": 0.8 + NOISE, "other": 0.7 + NOISE[::-1]},
        overlap=FIVEFOLD,
        decided={frozenset(("best", "other")): separable},
    )
    assert groups == {"best": 1, "other": expected}


def test_two_folds_cannot_part_a_group():
    groups = tie_groups({"a": np.array([0.9, 0.91]), "b": np.array([0.1, 0.12])}, overlap=FIVEFOLD)
    assert groups == {"a": 1, "b": 1}


def test_a_method_without_scores_has_no_group():
    assert tie_groups({"a": NOISE, "b": np.full(5, nan)}, overlap=FIVEFOLD) == {"a": 1}


def test_every_domain_counts_once():
    found = over_domains({"a": 0.1, "b": -0.04, "c": nan})
    assert (found.domains, found.positive) == (2, 1)
    assert (found.low, found.mean, found.high) == pytest.approx((-0.04, 0.03, 0.1))
