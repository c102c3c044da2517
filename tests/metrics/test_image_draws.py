"""Draws of images that all networks share, where counting knows the answer."""

import numpy as np
import pytest

from wbcray.metrics.bootstrap import image_noise
from wbcray.metrics.image_draws import drawn_tables, image_weights
from wbcray.metrics.score_arrays import score_many

OWN = np.arange(100)
TRUE = np.repeat([0, 1], [80, 20])
SAID = np.concatenate([np.repeat([0, 1], [60, 20]), np.repeat([0, 1], [5, 15])])


def test_every_drawing_has_as_many_images_as_there_are():
    weights = image_weights(OWN, replicates=50)
    assert weights.shape == (100, 50)
    assert weights.sum(axis=0).tolist() == [100] * 50
    assert weights.var() == pytest.approx(0.99, rel=0.1)  # of binomial(100, 1/100)


def test_images_of_one_patient_are_drawn_together():
    weights = image_weights(np.array([0, 0, 1, 0, 2]), replicates=20)
    assert (weights[0] == weights[1]).all()
    assert (weights[0] == weights[3]).all()
    assert weights[[0, 2, 4]].sum(axis=0).tolist() == [3] * 20


def test_a_drawn_table_counts_each_image_as_often_as_it_is_drawn():
    weights = np.array([[1, 0], [2, 0], [0, 3]], dtype=np.int16)
    tables = drawn_tables(np.array([0, 1, 1]), np.array([0, 0, 1]), weights, classes=2)
    assert tables.tolist() == [[[[1, 0], [2, 0]]], [[[0, 0], [0, 3]]]]


def test_once_each_is_the_recorded_table():
    once = np.ones((100, 1), dtype=np.int16)
    assert drawn_tables(TRUE, SAID, once, classes=2).tolist() == [[[[60, 20], [5, 15]]]]


def test_without_images_nothing_is_drawn():
    none = np.array([], dtype=np.int64)
    tables = drawn_tables(none, none, image_weights(none, replicates=3), classes=2)
    assert tables.shape == (3, 1, 2, 2)
    assert not tables.any()


@pytest.mark.parametrize("score", ["micro_f1", "macro_f1", "balanced_accuracy"])
def test_of_one_network_the_noise_is_that_of_its_resampled_counts(score):
    tables = drawn_tables(TRUE, SAID, image_weights(OWN), classes=2)
    expected = image_noise(np.array([[[60, 20], [5, 15]]]), score, images=100)
    # 400 draws know a standard deviation to 4 %, and these are two times 400
    assert score_many(score, tables).std(ddof=1) == pytest.approx(expected, rel=0.15)


def test_the_noise_of_a_difference_is_that_of_the_images_the_two_disagree_on():
    # 10 of 100 images right for one alone, 4 for the other: variance (0.14 - 0.06**2) / 100
    weights = image_weights(OWN)
    a, b = np.ones(100, dtype=np.int64), np.ones(100, dtype=np.int64)
    a[:4], b[4:14] = 0, 0
    draws = [
        score_many("micro_f1", drawn_tables(np.ones_like(a), said, weights, classes=2))
        for said in (a, b)
    ]
    assert (draws[0] - draws[1]).var() == pytest.approx((0.14 - 0.06**2) / 100, rel=0.15)
