"""How numbers are written."""

from math import nan

import pytest

from wbcray.explorer.wording import (
    MISSING,
    interval,
    many,
    number,
    p_value,
    plus_minus,
    probability,
    score_words,
    signed,
)

DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"


def test_a_mean_with_its_deviation():
    assert plus_minus(0.656, 0.049) == "0.66 ± 0.05"


def test_one_fold_has_no_deviation():
    assert plus_minus(0.656, nan) == "0.66"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.056, "+0.06"), (-0.056, f"{MINUS}0.06"), (0.004, "0.00"), (-0.004, "0.00"), (nan, DASH)],
)
def test_a_difference_has_a_sign_unless_it_rounds_to_zero(value, expected):
    assert signed(value) == expected


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.00001, "<0.001"), (0.0344, "0.034"), (0.2, "0.20"), (1.0, ">0.99"), (nan, DASH)],
)
def test_a_p_value_claims_no_certainty(p, expected):
    assert p_value(p) == expected


def test_an_interval_and_a_missing_one():
    assert interval(-0.04, 0.16) == f"{MINUS}0.04 to +0.16"
    assert interval(nan, nan) == DASH


def test_nothing_is_a_dash():
    assert number(nan) == DASH


def test_one_image_is_singular():
    assert (many(1, "image"), many(1200, "image")) == ("1 image", "1,200 images")


def test_probabilities_claim_no_certainty():
    assert [probability(value) for value in (0.0, 0.004, 0.5, 0.994, float("nan"))] == [
        *("<0.01", "<0.01", "0.50", ">0.99"),
        MISSING,
    ]


def test_scores_are_read_as_words():
    assert score_words("macro_f1_declared") == "macro F1 declared"
    assert score_words("worst_class_recall") == "worst class recall"
