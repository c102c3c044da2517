"""The noise of images, alone and of a difference, by hand."""

from math import inf, isnan, sqrt

import numpy as np
import pytest

from wbcray.metrics.comparison import compare_with, tie_groups
from wbcray.metrics.image_noise import ImageNoise

A = np.array([0.1, -0.1, 0.1, -0.1])
B = np.array([0.2, 0.0, -0.2, 0.0])  # ddof 1: variances 4 * 0.01 / 3 and 0.08 / 3


def noise(*aligned, units=0, **deviations):
    return ImageNoise(deviations=deviations, aligned=frozenset(aligned), units=units)


def test_a_methods_noise_is_the_standard_deviation_of_its_draws():
    assert noise(a=A).of("a") == pytest.approx(sqrt(0.04 / 3))
    assert isnan(noise(a=A).of("b"))


def test_without_the_same_images_two_variances_add_up():
    assert noise(a=A, b=B).of_difference("a", "b") == pytest.approx((0.04 + 0.08) / 3)


def test_on_the_same_images_it_is_the_variance_of_the_differences():
    # -0.1, -0.1, 0.3, -0.1: squares sum to 0.12 about their mean of 0
    assert noise("a", "b", a=A, b=B).of_difference("a", "b") == pytest.approx(0.12 / 3)
    assert noise("a", "b", a=A, b=A.copy()).of_difference("a", "b") == 0


def test_one_method_without_outputs_leaves_its_pairs_independent():
    three = noise("a", "c", a=A, b=B, c=A)
    assert three.of_difference("a", "b") == pytest.approx((0.04 + 0.08) / 3)
    assert three.of_difference("a", "c") == 0
    assert (three.paired("a", "b"), three.paired("a", "c")) == (False, True)


def test_a_method_that_is_not_known_has_no_noise():
    assert noise(a=A).of_difference("a", "b") == pytest.approx(0.04 / 3)
    assert ImageNoise().of_difference("a", "b") == 0


def test_draws_without_a_score_are_left_out():
    broken = np.array([*A, np.nan])
    assert noise(a=broken).of("a") == noise(a=A).of("a")


def test_draws_of_a_difference_have_its_variance():
    assert noise("a", "b", a=A, b=B).draws_of_difference("a", "b").tolist() == (A - B).tolist()
    rng = np.random.default_rng(0)
    a = rng.normal(0, 0.1, 4000)
    apart = noise(a=a, b=a).draws_of_difference("a", "b")  # of one seed, so one is dealt anew
    assert apart.var() == pytest.approx(2 * 0.01, rel=0.1)


def test_few_patients_know_the_noise_less_well():
    paired = noise("a", "b", a=A, b=B, units=12)
    assert paired.freedom("a", "b") == 11
    assert noise(a=A, b=B, units=12).freedom("a", "b") == inf
    scores = {"a": np.full(5, 0.8), "b": np.full(5, 0.5)}  # without spread: images alone
    found = compare_with("b", scores, overlap=3.0, image_noise=paired)["a"].difference
    assert found.error == pytest.approx(0.2)
    assert found.freedom == pytest.approx(11)


def test_verdicts_and_tie_groups_take_the_same_images():
    scores = {"a": 0.8 + np.array([0, 0.01, -0.01]), "b": 0.7 + np.array([0, -0.01, 0.01])}
    far = {name: np.tile([0.2, -0.2], 200) for name in "ab"}
    alone, together = noise(**far), noise("a", "b", **far, units=400)
    words = [
        compare_with("b", scores, overlap=1.0, image_noise=one)["a"].verdict
        for one in (alone, together)
    ]
    groups = [tie_groups(scores, overlap=1.0, image_noise=one) for one in (alone, together)]
    assert words == ["tie", "better"]
    assert groups == [{"a": 1, "b": 1}, {"a": 1, "b": 2}]
