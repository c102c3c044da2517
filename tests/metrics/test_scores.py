"""Scores by hand and against scikit-learn."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    precision_recall_fscore_support,
)

from wbcray.metrics.scores import (
    SCORES,
    balanced_accuracy,
    class_scores,
    macro_f1,
    micro_f1,
    score_all,
    worst_class_recall,
    worst_domain,
)

CLASSES = 4


def count(truth, predicted, classes=CLASSES):
    table = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(table, (truth, predicted), 1)
    return table


TRUTH, PREDICTED = [0, 0, 1, 1], [0, 0, 1, 2]
STRAY = count(TRUTH, PREDICTED)  # F1 of class 0 is 1, of class 1 is 2/3, class 2 was only predicted


@pytest.mark.parametrize(
    ("convention", "expected"),
    [("present", 5 / 6), ("declared", 5 / 12), ("union", 5 / 9)],
)
def test_one_stray_prediction_costs_what_the_convention_says(convention, expected):
    assert macro_f1(STRAY, convention=convention) == pytest.approx(expected)


def test_present_is_the_default():
    assert macro_f1(STRAY) == pytest.approx(5 / 6)


def test_three_of_four_right_is_a_micro_f1_of_three_quarters():
    assert micro_f1(STRAY) == 0.75


def test_balanced_accuracy_leaves_out_classes_that_do_not_occur():
    assert balanced_accuracy(STRAY) == pytest.approx((1 + 0.5) / 2)


def test_the_worst_class_is_the_one_with_the_lowest_recall():
    assert worst_class_recall(STRAY) == 0.5


def test_the_worst_domain_is_not_the_empty_one():
    empty, good = np.zeros_like(STRAY), count([0, 1], [0, 1])
    assert worst_domain(np.stack([empty, good, STRAY])) == pytest.approx(5 / 6)


def test_a_class_without_images_has_no_recall_but_a_zero_f1_once_it_was_predicted():
    scores = class_scores(STRAY)
    assert isnan(scores.recall[2])
    assert scores.f1[2] == 0
    assert isnan(scores.f1[3])


def test_a_class_that_is_never_predicted_has_no_precision_and_zero_f1():
    scores = class_scores(count([0, 1], [0, 0]))
    assert isnan(scores.precision[1])
    assert scores.f1[1] == 0


def test_nothing_measured_is_nan_for_every_score():
    nothing = np.zeros((2, CLASSES, CLASSES), dtype=np.int64)
    assert score_all(nothing) == pytest.approx(dict.fromkeys(SCORES, nan), nan_ok=True)


def test_every_score_names_itself_and_is_within_its_range():
    values = score_all(STRAY)
    assert all(SCORES[name].low <= value <= SCORES[name].high for name, value in values.items())
    assert [score.name for score in SCORES.values()] == list(values)


labels = st.lists(st.tuples(*[st.integers(0, CLASSES - 1)] * 2), min_size=1, max_size=40)


@given(labels)
def test_scores_agree_with_scikit_learn(pairs):
    truth, predicted = map(list, zip(*pairs, strict=True))
    table = count(truth, predicted)
    macro = {"average": "macro", "zero_division": 0}
    present = sorted(set(truth))
    assert micro_f1(table) == pytest.approx(accuracy_score(truth, predicted))
    assert macro_f1(table) == pytest.approx(f1_score(truth, predicted, labels=present, **macro))
    assert macro_f1(table, convention="union") == pytest.approx(f1_score(truth, predicted, **macro))
    assert macro_f1(table, convention="declared") == pytest.approx(
        f1_score(truth, predicted, labels=range(CLASSES), **macro)
    )


@given(labels)
def test_class_scores_agree_with_scikit_learn(pairs):
    truth, predicted = map(list, zip(*pairs, strict=True))
    scores = class_scores(count(truth, predicted))
    expected = precision_recall_fscore_support(
        truth, predicted, labels=range(CLASSES), zero_division=np.nan
    )
    np.testing.assert_allclose(scores.precision, expected[0])
    np.testing.assert_allclose(scores.recall, expected[1])
    np.testing.assert_allclose(scores.f1, expected[2])
    np.testing.assert_array_equal(scores.support, expected[3])


@given(arrays(np.int64, (2, CLASSES, CLASSES), elements=st.integers(0, 20)))
def test_the_order_of_the_domains_changes_no_score(counts):
    assert score_all(counts) == pytest.approx(score_all(counts[::-1]), nan_ok=True)
