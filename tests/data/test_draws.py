from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbcray.data.draws import epoch_order, repeats_of, shard, steps_per_epoch


def order(*, images=10, batch_size=4, seed=0, epoch=0, probabilities=None, strata=None):
    strata = None if strata is None else np.array(strata)
    return epoch_order(
        probabilities, strata, images=images, batch_size=batch_size, seed=seed, epoch=epoch
    )


@pytest.mark.parametrize(
    ("images", "batch_size", "steps"), [(10, 4, 3), (8, 4, 2), (1, 4, 1), (9, 4, 3)]
)
def test_an_epoch_draws_at_least_as_many_images_as_there_are(images, batch_size, steps):
    assert steps_per_epoch(images, batch_size) == steps


def test_an_order_has_a_row_a_step_and_a_column_a_place():
    assert order(images=10, batch_size=4).shape == (3, 4)


@given(images=st.integers(1, 40), batch_size=st.integers(1, 16), epoch=st.integers(0, 5))
def test_every_image_comes_once_before_any_comes_twice(images, batch_size, epoch):
    drawn = order(images=images, batch_size=batch_size, epoch=epoch).ravel()
    assert sorted(drawn[:images]) == list(range(images))


def test_a_batch_that_is_filled_up_begins_a_second_round():
    drawn = Counter(order(images=10, batch_size=4).ravel().tolist())
    assert sorted(drawn.values()) == [1] * 8 + [2] * 2


def test_seed_and_epoch_decide_the_order():
    assert np.array_equal(order(seed=3, epoch=2), order(seed=3, epoch=2))


def test_another_epoch_has_another_order():
    assert not np.array_equal(order(epoch=0), order(epoch=1))


def test_another_seed_has_another_order():
    assert not np.array_equal(order(seed=0), order(seed=1))


def test_an_image_without_probability_is_never_drawn():
    probabilities = np.array([0.0, 0.5, 0.5])
    drawn = order(images=3, batch_size=500, probabilities=probabilities)
    assert set(drawn.ravel()) == {1, 2}


def test_images_are_drawn_in_proportion():
    probabilities = np.array([0.8, 0.1, 0.1])
    drawn = order(images=3, batch_size=10_000, probabilities=probabilities).ravel()
    # the standard deviation of 10000 draws at 0.8 is 40
    assert abs((drawn == 0).sum() - 8000) < 200


def test_every_batch_holds_equal_shares_of_the_strata():
    strata = [0] * 50 + [1] * 5 + [2] * 5
    rows = np.array(strata)[order(images=60, batch_size=6, strata=strata)]
    assert [Counter(row.tolist()) for row in rows] == [{0: 2, 1: 2, 2: 2}] * 10


def test_places_that_strata_do_not_divide_go_to_each_in_turn():
    strata = [0] * 4 + [1] * 4 + [2] * 4
    rows = np.array(strata)[order(images=12, batch_size=4, strata=strata)]
    assert [sorted(Counter(row.tolist()).values()) for row in rows] == [[1, 1, 2]] * 3
    assert Counter(rows.ravel().tolist()) == {0: 4, 1: 4, 2: 4}


def test_a_stratum_shows_each_of_its_images_before_any_twice():
    strata = [0] * 6 + [1] * 6
    drawn = order(images=12, batch_size=4, strata=strata).ravel()
    assert sorted(drawn) == list(range(12))


def test_a_small_stratum_begins_again_where_it_ended():
    strata = [0] * 9 + [1] * 3
    drawn = Counter(order(images=12, batch_size=4, strata=strata).ravel().tolist())
    assert [drawn[image] for image in (9, 10, 11)] == [2, 2, 2]


def test_names_of_strata_need_not_be_consecutive():
    low = order(images=4, batch_size=2, strata=[0, 0, 1, 1])
    assert np.array_equal(low, order(images=4, batch_size=2, strata=[3, 3, 8, 8]))


def test_probabilities_act_within_a_stratum():
    strata, probabilities = [0, 0, 1, 1], np.array([0.9, 0.0, 0.05, 0.05])
    drawn = order(images=4, batch_size=8, strata=strata, probabilities=probabilities).ravel()
    assert (drawn == 0).sum() == 4
    assert (drawn == 1).sum() == 0


def test_one_worker_takes_every_column():
    whole = order(images=12, batch_size=4)
    assert np.array_equal(shard(whole, 0, 1), whole)


@given(workers=st.integers(1, 5), batch_size=st.integers(1, 9))
def test_several_workers_see_between_them_what_one_would(workers, batch_size):
    whole = order(images=12, batch_size=batch_size)
    rebuilt = np.empty_like(whole)
    for rank in range(workers):
        rebuilt[:, rank::workers] = shard(whole, rank, workers)
    assert np.array_equal(rebuilt, whole)


def test_two_workers_take_turns():
    assert shard(np.array([[0, 1, 2, 3, 4]]), 1, 2).tolist() == [[1, 3]]


def test_repeats_count_how_often_an_image_came_before():
    order = np.array([[2, 0, 2], [0, 2, 1]])
    assert repeats_of(order).tolist() == [[0, 0, 1], [1, 2, 0]]


def test_a_permutation_has_no_repeats():
    order = epoch_order(None, None, images=12, batch_size=4, seed=0, epoch=0)
    assert not repeats_of(order).any()
