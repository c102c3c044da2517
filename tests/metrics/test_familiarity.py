"""What is flagged as unlike the references, and how often that is a false alarm."""

import numpy as np
import pytest

from wbcray.metrics.familiarity import FEWEST, familiarity


def images(number, *, seed, dim=8, shift=0.0):
    """Features around one direction, and appearances around 0."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 0.1, (number, dim))
    features[:, 0] += 1
    return features, rng.normal(shift, 1, (number, 7))


def test_images_like_the_references_are_flagged_one_in_a_hundred():
    usual = familiarity(*images(1000, seed=0))
    flagged = (usual.strangeness(*images(4000, seed=1)) > 1).mean()
    assert 0.003 < flagged < 0.02
    assert usual.false_alarms == pytest.approx(0.01, abs=0.01)


def test_features_that_point_elsewhere_are_flagged():
    usual = familiarity(*images(100, seed=0))
    features, appearance = images(5, seed=1)
    assert (usual.strangeness(-features, appearance) > 1).all()


def test_a_look_that_is_far_off_is_flagged_whatever_the_features():
    usual = familiarity(*images(100, seed=0))
    features, appearance = images(5, seed=1)
    assert (usual.strangeness(features, appearance + 20) > 1).all()


def test_the_length_of_features_does_not_matter():
    usual = familiarity(*images(100, seed=0))
    features, appearance = images(5, seed=1)
    assert usual.strangeness(3 * features, appearance) == pytest.approx(
        usual.strangeness(features, appearance)
    )


def test_few_references_say_nothing():
    assert familiarity(*images(FEWEST - 1, seed=0)) is None
    assert familiarity(*images(FEWEST, seed=0)) is not None


def test_features_without_appearance_say_nothing():
    features, _ = images(50, seed=0)
    assert familiarity(features, np.empty((0, 7))) is None


def test_references_that_are_all_alike_flag_whatever_differs():
    usual = familiarity(np.ones((30, 4)), np.zeros((30, 7)))
    assert usual.strangeness(np.ones((1, 4)), np.zeros((1, 7))).tolist() == [0.0]
    assert usual.strangeness(np.ones((1, 4)), np.ones((1, 7)))[0] > 1
    assert usual.false_alarms == 0
