"""Which settings matter: PED-ANOVA on a study that is made from the tables."""

from dataclasses import replace

import pytest
from searches import lr_search, searched, space

from wbcray.explorer.numbers.importance import importances
from wbcray.explorer.numbers.optuna_study import optuna_study


@pytest.fixture
def tables(builder):
    """A search that the learning rate decides."""
    return lr_search(builder, trials=40)


def test_the_setting_that_decides_comes_first_and_beats_chance(tables):
    found = importances(tables, method="m", held_out="away")
    name, share = next(iter(found.shares.items()))
    assert name == "optimizer.lr"
    assert share > 0.5
    assert share > 2 * found.chance[name]


def test_shares_add_up_to_one_and_name_every_setting(tables):
    found = importances(tables, method="m", held_out="away")
    assert sum(found.shares.values()) == pytest.approx(1)
    assert set(found.shares) == {"optimizer.lr", "network.dropout", "sampler", "sampler.power"}
    assert found.trials == 40


def test_nine_complete_trials_say_nothing(builder):
    assert importances(lr_search(builder, trials=9), method="m", held_out="away").shares == {}


def test_a_run_that_does_not_say_what_it_searched_says_nothing(builder):
    tables = lr_search(builder, trials=12, method="m")
    assert importances(tables, method="m", held_out="home").shares == {}


def test_the_same_values_with_other_settings_are_another_question(builder):
    first = lr_search(builder, trials=20)
    trials = first.trials.assign(**{"p_network.dropout": first.trials["value"].clip(0, 0.5)})
    one = importances(first, method="m", held_out="away")
    assert importances(replace(first, trials=trials), method="m", held_out="away") != one


def test_the_study_has_the_trials_as_they_ended(builder):
    run = builder()
    run.trial("m", "away", 0, 0.5, **{"optimizer.lr": 1e-3})
    run.trial("m", "away", 1, state="PRUNED", **{"optimizer.lr": 1e-2})
    run.trial("m", "away", 2, state="RUNNING", **{"optimizer.lr": 1e-2})
    run.trial("m", "away", 3, 0.4, **{"optimizer.lr": 7.0})
    tables = searched(run.build(), "m", "away", space())
    study = optuna_study(tables, tables.trials, method="m", held_out="away")
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED", "COMPLETE"]
    assert [trial.user_attrs["number"] for trial in study.trials] == [0, 1, 3]
    assert study.trials[0].params == {"optimizer.lr": 1e-3}
    assert study.trials[2].params == {}  # outside the range, as in a damaged table
