"""Effort, cost, stopped trials, two configurations, surfaces and short numbers."""

from dataclasses import replace

import numpy as np
import pytest
from searches import SETTINGS, frame, reported, searched, space

from wbcray.explorer.look.parameter_axes import parallel_axis, short
from wbcray.explorer.numbers.changes import DIFFERS, ONLY, SAME, changes, configured
from wbcray.explorer.numbers.cost import costs, pareto
from wbcray.explorer.numbers.effort import effort, imbalance
from wbcray.explorer.numbers.surface import smoothed
from wbcray.explorer.numbers.trials import sampled, trial_reports
from wbcray.explorer.reading.parameters import Parameter
from wbcray.explorer.views.pruning import ahead_when_stopped, rungs

HOME = {"home": [[5, 0, 0], [0, 5, 0], [0, 0, 5]]}


def test_effort_is_counted_by_how_trials_ended(builder):
    run = builder().trial("m", "away", 0, 0.5).trial("m", "away", 1, state="PRUNED")
    found = effort(run.trial("m", "away", 2, state="PRUNED").build())
    assert found["state"].tolist() == ["complete", "pruned"]
    assert found["trials"].tolist() == [1, 2]
    assert found["epochs"].tolist() == [15, 30]
    assert found["hours"].tolist() == pytest.approx([90 / 3600, 180 / 3600])
    assert found["share"].tolist() == pytest.approx([1 / 3, 2 / 3])


def test_unequal_searches_are_said_with_their_factor(builder):
    run = builder().trial("m", "away", 0, 0.5).trial("other", "away", 0, 0.5)
    equal = imbalance(effort(run.build()))
    assert equal.endswith("equal trials, equal epochs")
    text = imbalance(effort(run.trial("m", "away", 1, 0.5).build()))
    assert "trials differ by a factor of 2.00, epochs differ by a factor of 2.00" in text


def test_one_method_cannot_be_unequal(builder):
    run = builder().trial("m", "away", 0, 0.5).trial("m", "home", 0, 0.5)
    assert imbalance(effort(run.build())) == ""


def test_cost_counts_stopped_trials_and_the_mean_training(builder):
    run = builder()
    run.cell("m", "away", 0, validation=HOME, seconds=3600.0)
    run.cell("m", "away", 1, validation=HOME, seconds=7200.0)
    run.trial("m", "away", 0, 0.5).trial("m", "away", 1, state="PRUNED")
    (row,) = costs(run.build(), "validation", held_out="away", score="macro_f1").to_dict("records")
    assert (row["training_hours"], row["mean"], row["folds"]) == (1.5, 1.0, 2)
    assert row["search_hours"] == pytest.approx(180 / 3600)


def test_a_method_without_a_search_has_no_hours_of_one(builder):
    tables = builder().cell("m", "away", 0, validation=HOME).build()
    found = costs(tables, "validation", held_out="away", score="macro_f1")
    assert np.isnan(found["search_hours"][0])


def test_nobody_beats_what_is_on_the_pareto_line():
    hours, scores = [1.0, 2.0, 2.0, 3.0, np.nan], [0.5, 0.4, 0.7, 0.7, 0.9]
    assert pareto(hours, scores) == [0, 2]


def test_reports_are_one_row_each(builder):
    run = builder().trial("m", "away", 0, 0.5).trial("m", "away", 1, state="PRUNED")
    tables = reported(run.build(), {0: [(1, 0.2), (2, 0.5)], 1: [(1, 0.1)]})
    found = trial_reports(tables.trials)
    assert found["trial"].tolist() == [0, 0, 1]
    assert found["budget"].tolist() == [1, 2, 1]
    assert found["value"].tolist() == [0.2, 0.5, 0.1]


def test_older_tables_hold_no_reports(builder):
    assert trial_reports(builder().trial("m", "away", 0, 0.5).build().trials).empty


def test_a_stopped_trial_is_compared_with_the_best_one_at_the_same_epoch(builder):
    run = builder().trial("m", "away", 0, 0.9)
    for number in (1, 2):
        run.trial("m", "away", number, state="PRUNED")
    paths = {0: [(1, 0.3), (2, 0.5), (3, 0.9)], 1: [(2, 0.6)], 2: [(2, 0.4)]}
    assert ahead_when_stopped(trial_reports(reported(run.build(), paths).trials), 0) == (1, 2)


def test_rungs_grow_by_the_reduction_factor():
    assert rungs(SETTINGS, 20) == [2, 6, 18]
    assert rungs(replace(SETTINGS, scheduler="none"), 20) == []


def two_methods(builder):
    run = builder().cell("erm", "away", 0, validation=HOME).cell("m", "away", 0, validation=HOME)
    tables = searched(run.build(), "m", "away", space())
    configurations = (
        ("erm-default", (("optimizer.lr", 1e-3), ("network.dropout", 0.0))),
        ("m-default", (("optimizer.lr", 0.0123456789), ("network.dropout", 0.0), ("nu", 1.0))),
    )
    return replace(tables, facts=replace(tables.facts, configurations=configurations))


def test_two_configurations_differ_setting_by_setting(builder):
    tables = two_methods(builder)
    values = configured(tables, held_out="away")
    rows = changes(tables, values, "erm", "m", held_out="away").set_index("setting")
    assert rows["state"].to_dict() == {"optimizer.lr": DIFFERS, "nu": ONLY, "network.dropout": SAME}
    assert rows.loc["optimizer.lr", ["erm", "m", "searched"]].tolist() == [
        *("0.001", "0.0123", "1e-05 .. 0.1 (log)")
    ]
    assert rows.loc["nu", "erm"] == ""


def test_a_configuration_that_is_not_recorded_is_left_out(builder):
    tables = builder().cell("erm", "away", 0, validation=HOME).build()
    assert configured(tables, held_out="away") == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.001, "0.001"), (1e-5, "1e-05"), (0.000123456, "0.000123"), (2.5e-5, "2.5e-05")),
        *((1234567.0, "1.2e+06"), (45.0, "45"), (0.1 + 0.2, "0.3"), (1200.0, "1200"), (0.0, "0")),
    ],
)
def test_a_tick_has_few_digits(value, text):
    assert short(value) == text


def test_an_idle_setting_lies_below_its_axis():
    part = Parameter(name="part", low=0.0, high=1.0)
    axis = parallel_axis(part, np.array([0.5, np.nan]))
    assert axis["values"] == [0.5, pytest.approx(-0.12)]
    assert axis["ticktext"][0] == "idle"
    assert axis["tickvals"][0] == axis["values"][1]


def test_a_surface_is_the_mean_of_what_is_near():
    places, surface = smoothed(np.zeros(9), np.zeros(9), np.arange(9.0))
    assert (places[0], places[-1]) == (0, 1)
    assert surface[0, 0] == pytest.approx(4)
    assert np.isnan(surface[-1, -1])


def test_a_sample_keeps_the_best_and_is_always_the_same():
    trials = frame(list(np.linspace(1, 0, 50)))
    kept = sampled(trials, 10)
    assert 0 in kept["trial"].tolist()
    assert len(kept) == 10
    assert kept["trial"].tolist() == sampled(trials, 10)["trial"].tolist()
