"""Searched settings: what the run says about them, and what is guessed where it says nothing."""

from math import isnan

import numpy as np
import pytest
from searches import DROPOUT, RATE, SAMPLER, searched, space

from wbcray.explorer.numbers.trials import trial_table
from wbcray.explorer.reading.parameters import searched_dimensions, varied_parameters
from wbcray.search.space import Dimension


def parameters(tables):
    said = searched_dimensions(tables, method="m", held_out="away")
    return varied_parameters(trial_table(tables, method="m"), said)


def two_trials(builder, **params):
    run = builder()
    for number in (0, 1):
        run.trial("m", "away", number, 0.5, **{name: v[number] for name, v in params.items()})
    return run.build()


def test_a_recorded_range_is_taken_from_the_record_and_not_from_the_values(builder):
    tables = two_trials(builder, **{"optimizer.lr": (0.02, 0.03)})
    (rate,) = parameters(searched(tables, "m", "away", space(RATE)))
    assert (rate.log, rate.low, rate.high, rate.steps) == (True, 1e-5, 1e-1, ())


def test_without_a_record_the_range_is_unknown(builder):
    (rate,) = parameters(two_trials(builder, **{"optimizer.lr": (0.02, 0.03)}))
    assert not rate.ranged
    assert isnan(rate.high)


def test_choices_keep_the_order_of_the_space(builder):
    tables = two_trials(builder, sampler=("balanced", "shuffled"))
    (sampler,) = parameters(searched(tables, "m", "away", space(SAMPLER)))
    assert sampler.choices == ("shuffled", "balanced")


def test_choices_that_are_numbers_are_found_again(builder):
    size = Dimension(name="size", kind="choice", default=16, choices=(16, 32))
    tables = searched(two_trials(builder, size=(16.0, 32.0)), "m", "away", space(size))
    (parameter,) = parameters(tables)
    assert parameter.positions(tables.trials).tolist() == [0, 1]


def test_a_whole_number_of_few_values_has_steps(builder):
    depth = Dimension(name="depth", kind="int", default=1, low=1, high=4)
    tables = searched(two_trials(builder, depth=(1, 3)), "m", "away", space(depth))
    assert parameters(tables)[0].steps == (1, 2, 3, 4)


def test_a_step_of_a_tenth_has_round_steps(builder):
    part = Dimension(name="part", kind="float", default=0.1, low=0.1, high=0.4, step=0.1)
    tables = searched(two_trials(builder, part=(0.1, 0.3)), "m", "away", space(part))
    assert parameters(tables)[0].steps == (0.1, 0.2, 0.3, 0.4)


def test_domains_that_were_searched_differently_share_the_widest_range(builder):
    tables = two_trials(builder, **{"network.dropout": (0.1, 0.2)})
    tables = searched(tables, "m", "away", space(DROPOUT))
    wide = Dimension(name="network.dropout", kind="float", default=0.0, low=0.0, high=0.9)
    tables = searched(tables, "m", "home", space(wide))
    assert searched_dimensions(tables, method="m")["network.dropout"].high == 0.9
    assert searched_dimensions(tables, method="m", held_out="away")["network.dropout"].high == 0.5


def test_a_log_scale_is_placed_by_its_logarithm(builder):
    tables = two_trials(builder, **{"optimizer.lr": (1e-3, 1e-2)})
    (rate,) = parameters(searched(tables, "m", "away", space(RATE)))
    assert rate.positions(tables.trials).tolist() == pytest.approx([-3, -2])
    assert rate.span(np.array([])) == pytest.approx((-5, -1))
