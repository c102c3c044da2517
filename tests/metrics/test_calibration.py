"""Calibration by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from wbcray.metrics.calibration import (
    COLDEST,
    HOTTEST,
    at_temperature,
    brier,
    classwise_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
    risk_coverage,
)

SURE = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
LABELS = np.array([0, 0, 0, 1])


def drawn(images=2000, classes=4, seed=0):
    """Probabilities that are true of labels drawn by them."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), images)
    edges = probabilities.cumsum(axis=1)
    labels = (rng.random((images, 1)) > edges).sum(axis=1).clip(max=classes - 1)
    return probabilities, labels


def test_the_error_is_the_gap_between_confidence_and_accuracy_weighted_by_images():
    # .9 is said of two that are right, .6 of two of which one is: (2 * .1 + 2 * .1) / 4
    assert reliability(SURE, LABELS).error == pytest.approx(0.1)


def test_every_bin_says_how_many_images_it_holds():
    bins = reliability(SURE, LABELS, bins=10)
    assert bins.images.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 2, 0]  # .6 and .9 are upper edges
    assert (bins.accuracy[5], bins.accuracy[8]) == (0.5, 1.0)
    assert np.isnan(bins.confidence[0])
    assert (bins.lower[5], bins.upper[5]) == (0.5, 0.6)


def test_bins_are_those_of_scikit_learn():
    probabilities, labels = drawn(classes=2)
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    share, mean = calibration_curve(right, confidence, n_bins=15)
    bins = reliability(probabilities, labels, bins=15)
    filled = bins.images > 0
    assert bins.accuracy[filled] == pytest.approx(share)
    assert bins.confidence[filled] == pytest.approx(mean)


def test_the_brier_score_and_the_likelihood_are_those_of_scikit_learn():
    probabilities, labels = drawn()
    expected = brier_score_loss(labels, probabilities, labels=range(4), scale_by_half=False)
    assert brier(probabilities, labels) == pytest.approx(expected)
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(
        log_loss(labels, probabilities)
    )


def test_the_brier_score_by_hand():
    assert brier([[1.0, 0.0], [0.5, 0.5]], np.array([1, 0])) == (2 + 0.5) / 2


def test_each_class_has_its_own_error():
    # class 0 is never right about itself: .9 said, 0 true; class 1 likewise .1 said, 1 true
    assert classwise_error([[0.9, 0.1]], np.array([1])).tolist() == pytest.approx([0.9, 0.9])


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.5])
def test_the_temperature_that_was_put_on_is_found(temperature):
    probabilities, labels = drawn(images=20_000)
    hot = at_temperature(probabilities, 1 / temperature)
    assert fit_temperature(hot, labels) == pytest.approx(temperature, rel=0.05)


def test_no_other_temperature_is_likelier():
    probabilities, labels = drawn(images=200)
    best = fit_temperature(probabilities**2 / (probabilities**2).sum(1, keepdims=True), labels)
    squared = probabilities**2 / (probabilities**2).sum(1, keepdims=True)
    losses = [
        negative_log_likelihood(at_temperature(squared, best * factor), labels)
        for factor in (0.97, 1.0, 1.03)
    ]
    assert min(losses) == losses[1]


def test_a_temperature_keeps_the_order_of_classes():
    probabilities, _ = drawn(images=50)
    softened = at_temperature(probabilities, 3.0)
    assert np.array_equal(softened.argsort(1), probabilities.argsort(1))
    assert softened.sum(1) == pytest.approx(1)


def test_a_temperature_has_limits_and_no_images_change_nothing():
    assert fit_temperature([[0.9, 0.1]], np.array([1])) == pytest.approx(HOTTEST)
    assert fit_temperature([[0.9, 0.1]], np.array([0])) == pytest.approx(COLDEST)
    assert fit_temperature(np.empty((0, 2)), np.empty(0, dtype=np.int64)) == 1.0


def test_a_probability_that_float32_calls_zero_is_no_infinite_loss():
    lost = np.array([[1.0, 0.0]], dtype=np.float32)
    assert np.isfinite(negative_log_likelihood(lost, np.array([1])))
    assert at_temperature(lost, 2.0).sum() == pytest.approx(1)


def test_risk_grows_as_less_sure_images_are_answered():
    curve = risk_coverage([0.9, 0.8, 0.7, 0.6], np.array([True, True, False, True]))
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 4])
    assert curve.area == pytest.approx((1 / 3 + 1 / 4) / 4)


def test_images_of_one_confidence_come_in_no_order():
    right = np.array([True, False])
    curves = [risk_coverage([0.5, 0.5], order).risk.tolist() for order in (right, right[::-1])]
    assert curves == [[0.5, 0.5]] * 2


def test_without_images_there_is_nothing_to_say():
    none = np.empty((0, 2)), np.empty(0, dtype=np.int64)
    assert np.isnan(reliability(*none).error)
    assert np.isnan(risk_coverage([], np.empty(0, dtype=bool)).area)
