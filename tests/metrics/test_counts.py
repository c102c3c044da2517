"""Views of counts."""

import numpy as np
import pytest

from wbcray.metrics.counts import (
    by_domain,
    correct,
    measured_domains,
    pooled,
    predictions,
    support,
)

TWO_DOMAINS = np.array([[[3, 1], [0, 2]], [[0, 0], [5, 7]]])


def test_pooling_adds_the_domains():
    assert pooled(TWO_DOMAINS).tolist() == [[3, 1], [5, 9]]


def test_a_pooled_table_stays_as_it_is():
    assert pooled(pooled(TWO_DOMAINS)).tolist() == [[3, 1], [5, 9]]


def test_support_counts_truth_and_predictions_count_what_was_said():
    assert support(TWO_DOMAINS).tolist() == [4, 14]
    assert predictions(TWO_DOMAINS).tolist() == [8, 10]


def test_the_diagonal_is_correct():
    assert correct(TWO_DOMAINS).tolist() == [3, 9]


def test_a_domain_without_images_is_not_measured():
    sealed = np.concatenate([np.zeros((1, 2, 2), dtype=np.int64), TWO_DOMAINS])
    assert measured_domains(sealed) == (1, 2)


def test_a_table_that_is_not_square_is_refused():
    with pytest.raises(ValueError, match=r"got shape \(2, 3\)"):
        by_domain(np.zeros((2, 3), dtype=np.int64))


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="negative, got -1"):
        by_domain(np.array([[1, -1], [0, 0]]))
