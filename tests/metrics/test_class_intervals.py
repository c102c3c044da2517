"""Bootstrap intervals of classes, against arithmetic and a plain bootstrap."""

from math import isnan

import numpy as np
import pytest

from wbcray.metrics.class_intervals import f1_intervals, mean_cost_interval


def test_a_perfect_class_has_no_spread():
    table = np.diag([40.0, 10.0])
    assert f1_intervals(table)[0] == (1.0, 1.0)


def test_a_class_that_never_occurs_has_no_interval():
    table = np.array([[5.0, 1.0, 0.0], [1.0, 5.0, 0.0], [0.0, 0.0, 0.0]])
    low, high = f1_intervals(table)[2]
    assert isnan(low)
    assert isnan(high)


def test_the_interval_is_that_of_a_bootstrap_of_whole_tables():
    table = np.array([[30.0, 10.0], [5.0, 55.0]])
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(100, table.ravel() / 100, 20_000).reshape(-1, 2, 2)
    f1 = 2 * drawn[:, 0, 0] / (2 * drawn[:, 0, 0] + drawn[:, 0, 1] + drawn[:, 1, 0])
    wanted = np.quantile(f1, [0.025, 0.975])
    assert f1_intervals(table, draws=20_000)[0] == pytest.approx(wanted, abs=0.01)


def test_ten_times_the_images_narrow_the_interval():
    table = np.array([[30.0, 10.0], [5.0, 55.0]])
    few, many = f1_intervals(table)[0], f1_intervals(10 * table)[0]
    assert many.high - many.low < 0.4 * (few.high - few.low)


def test_the_same_table_gives_the_same_interval():
    table = np.array([[30.0, 10.0], [5.0, 55.0]])
    assert f1_intervals(table) == f1_intervals(table)


def test_the_interval_of_a_cost_holds_a_binomial_share():
    # of 100 images 20 cost 1: the mean is 0.2 and its standard error 0.04
    table, costs = np.array([[80.0, 20.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    low, high = mean_cost_interval(table, costs, draws=20_000)
    assert low == pytest.approx(0.2 - 1.96 * 0.04, abs=0.01)
    assert high == pytest.approx(0.2 + 1.96 * 0.04, abs=0.01)


def test_classes_weigh_alike_in_a_cost():
    # nothing is wrong in the large class, all in the small one
    table, costs = np.array([[1000.0, 0.0], [10.0, 0.0]]), np.array([[0.0, 1.0], [4.0, 0.0]])
    assert mean_cost_interval(table, costs) == (2.0, 2.0)


def test_no_images_cost_nothing_that_is_known():
    assert isnan(mean_cost_interval(np.zeros((2, 2)), np.ones((2, 2))).low)
