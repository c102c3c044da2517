import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbcray.data.noise import Randomness, draws_of, uniform

MANY = np.arange(20_000, dtype=np.int64)


def draw(*positions, seed=0, epoch=0, columns=3):
    return uniform(np.array(positions, dtype=np.int64), seed=seed, epoch=epoch, columns=columns)


@pytest.fixture(scope="module")
def values():
    return uniform(MANY, seed=7, epoch=0, columns=6)


def test_there_is_a_row_an_image_and_a_column_a_number():
    values = draw(4, 5, columns=6)
    assert (values.shape, values.dtype) == ((2, 6), np.float32)


@given(
    batch=st.lists(st.integers(0, 2**31), min_size=1, max_size=6),
    seed=st.integers(0, 2**63 - 1),
    epoch=st.integers(0, 1000),
)
def test_an_image_gets_its_numbers_whatever_else_is_in_the_batch(batch, seed, epoch):
    together = draw(*batch, seed=seed, epoch=epoch)
    alone = np.concatenate([draw(image, seed=seed, epoch=epoch) for image in batch])
    assert np.array_equal(together, alone)


def test_a_further_column_leaves_the_others_as_they_are():
    assert np.array_equal(draw(1, 2, columns=6)[:, :3], draw(1, 2, columns=3))


@pytest.mark.parametrize("other", [{"seed": 1}, {"epoch": 1}])
def test_another_seed_or_epoch_gives_other_numbers(other):
    assert not np.isin(draw(1, 2, **other), draw(1, 2)).any()


def test_a_seed_is_not_an_epoch():
    assert not np.isin(draw(1, seed=1, epoch=0), draw(1, seed=0, epoch=1)).any()


def test_numbers_lie_in_the_unit_interval_with_1_left_out(values):
    assert values.min() >= 0
    assert values.max() < 1


def test_the_mean_of_every_column_is_a_half(values):
    # standard error of the mean of 20000 uniform numbers: 0.289 / 141 = 0.002
    assert np.abs(values.mean(axis=0) - 0.5).max() < 0.01


def test_the_variance_of_every_column_is_a_twelfth(values):
    assert np.abs(values.var(axis=0) - 1 / 12).max() < 0.003


def test_every_eighth_of_the_interval_is_hit_equally_often(values):
    counts = np.array([np.bincount((column * 8).astype(int), minlength=8) for column in values.T])
    # standard deviation of a bin: sqrt(20000 / 8 * 7 / 8) = 47
    assert np.abs(counts - 2500).max() < 235


def test_columns_are_not_correlated(values):
    others = np.corrcoef(values.T) - np.eye(6)
    assert np.abs(others).max() < 0.04


def test_neighbouring_images_are_not_correlated(values):
    assert abs(np.corrcoef(values[:-1, 0], values[1:, 0])[0, 1]) < 0.04


def test_neighbouring_epochs_are_not_correlated(values):
    later = uniform(MANY, seed=7, epoch=1, columns=1)
    assert abs(np.corrcoef(values[:, 0], later[:, 0])[0, 1]) < 0.04


def test_a_stream_without_a_name_is_that_of_the_seed():
    drawn = Randomness(seed=3, epoch=1).uniform(MANY[:4], columns=2)
    assert np.array_equal(drawn, uniform(MANY[:4], seed=3, epoch=1, columns=2))


def test_streams_of_other_names_are_independent():
    randomness = Randomness(seed=3, epoch=1)
    plain = randomness.uniform(MANY, columns=1)[:, 0]
    named = [randomness.uniform(MANY, columns=1, stream=name)[:, 0] for name in ("a", "b")]
    correlations = np.corrcoef([plain, *named])[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 0.03


def test_the_first_draw_of_an_image_has_the_numbers_of_the_image():
    positions = np.array([3, 5])
    assert np.array_equal(draws_of(positions, np.array([0, 0])), positions)
    assert np.array_equal(draws_of(positions, None), positions)


def test_an_image_drawn_again_gets_other_numbers():
    randomness = Randomness(seed=1, epoch=0)
    draws = draws_of(np.array([3, 3, 3]), np.array([0, 1, 2]))
    numbers = randomness.uniform(draws, columns=50)
    assert len(np.unique(numbers)) == numbers.size


def test_numbers_of_repeated_draws_are_uniform():
    draws = draws_of(np.zeros(4000, dtype=np.int64), np.arange(4000))
    numbers = Randomness(seed=1, epoch=0).uniform(draws, columns=2)
    # the standard error of the mean of 8,000 uniform numbers is 0.0032
    assert abs(numbers.mean() - 0.5) < 0.013
