"""Trials, budgets and learning curves."""

from math import isnan

import numpy as np
import pytest

from wbcray.explorer.numbers.trials import learning_curves, studies, trial_table
from wbcray.explorer.reading.parameters import varied_parameters

HOME = {"home": [[5, 0, 0], [0, 5, 0], [0, 0, 5]]}


@pytest.fixture
def tables(builder):
    """Three trials of one method, one of another."""
    run = builder()
    run.trial("m", "away", 0, 0.5, **{"optimizer.lr": 1e-4, "sampler": "shuffled"})
    run.trial("m", "away", 1, 0.7, **{"optimizer.lr": 1e-2, "sampler": "domain_balanced"})
    run.trial("m", "away", 2, state="PRUNED", **{"optimizer.lr": 1e-3, "sampler": "shuffled"})
    run.trial("other", "away", 0, 0.6, **{"penalty.weight": 1.0})
    return run.build()


def test_the_best_trial_is_first_and_pruned_ones_are_last(tables):
    assert trial_table(tables, method="m")["trial"].tolist() == [1, 0, 2]


def test_a_method_shows_only_its_own_parameters(tables):
    columns = trial_table(tables, method="m").columns
    assert "p_optimizer.lr" in columns
    assert "p_penalty.weight" not in columns


def test_a_study_counts_its_trials_by_state(tables):
    found = studies(tables).set_index("method").loc["m"]
    assert (found["trials"], found["complete"], found["pruned"]) == (3, 2, 1)
    assert (found["epochs"], found["best"], found["best_trial"]) == (45, 0.7, 1)


def test_a_study_without_a_complete_trial_has_no_best(builder):
    tables = builder().trial("m", "away", 0, state="FAILED").build()
    assert isnan(studies(tables)["best"].iloc[0])


def test_a_run_without_trials_has_no_studies(builder):
    assert studies(builder().build()).empty


def test_parameters_that_never_differ_are_left_out(tables):
    assert varied_parameters(trial_table(tables, method="other")) == ()


def test_words_are_choices_and_few_numbers_are_steps(tables):
    lr, sampler = varied_parameters(trial_table(tables, method="m"))
    assert (lr.name, lr.steps) == ("optimizer.lr", (1e-4, 1e-3, 1e-2))
    assert sampler.choices == ("domain_balanced", "shuffled")


def log_axis(builder, values):
    run = builder()
    for number, value in enumerate(values):
        run.trial("m", "away", number, 0.5, x=float(value))
    return varied_parameters(trial_table(run.build(), method="m"))[0].log


def test_values_spread_over_decades_ask_for_a_log_axis(builder):
    assert log_axis(builder, np.geomspace(1e-5, 1e-2, 20))


def test_evenly_spread_values_do_not_even_if_one_is_tiny(builder):
    assert not log_axis(builder, [1e-4, *np.linspace(0.1, 1.5, 19)])


def test_values_below_zero_never_do(builder):
    assert not log_axis(builder, np.linspace(-1, 1, 20))


def test_a_curve_is_the_mean_of_the_cells_that_got_so_far(builder):
    run = builder()
    for fold, values in enumerate(([0.2, 0.4], [0.4, 0.6, 0.7])):
        run.cell("m", "away", fold, validation=HOME)
        run.curve("m", "away", fold, values)
    found = learning_curves(run.build(), held_out="away")
    assert found["mean"].tolist() == pytest.approx([0.3, 0.5, 0.7])
    assert found["low"].tolist() == [0.2, 0.4, 0.7]
    assert found["cells"].tolist() == [2, 2, 1]


def test_curves_of_configurations_that_lost_are_not_shown(builder):
    run = builder().cell("m", "away", 0, validation=HOME)
    run.curve("m", "away", 0, [0.5])
    run.curve("m", "away", 0, [0.1], config="loser")
    assert learning_curves(run.build(), held_out="away")["mean"].tolist() == [0.5]
