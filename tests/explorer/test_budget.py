"""What a smaller search would have found: numbers that can be checked by hand."""

import numpy as np
import pytest
from searches import frame

from wbcray.explorer.numbers.budget import enough, expected_best


def test_the_best_of_one_is_the_mean_and_the_best_of_two_is_higher():
    curve = expected_best(frame([0.0, 1.0]))
    # two draws with replacement: 1 unless both are 0
    assert curve["expected"].tolist() == pytest.approx([0.5, 0.75])


def test_it_is_the_mean_over_all_draws():
    values = [0.1, 0.4, 0.4, 0.9]
    third = expected_best(frame(values)).set_index("complete").loc[3, "expected"]
    draws = np.array(np.meshgrid(values, values, values)).reshape(3, -1)
    assert third == pytest.approx(draws.max(axis=0).mean())


def test_stopped_trials_are_not_ranked_but_their_cost_counts():
    trials = frame([0.2, np.nan, 0.6, np.nan], ["COMPLETE", "PRUNED", "COMPLETE", "FAILED"])
    trials["budget"] = [10, 2, 10, 4]
    last = expected_best(trials).iloc[-1]
    assert (last["complete"], last["trials"], last["epochs"]) == (2, 4, 26)
    assert last["hours"] == pytest.approx(0.4)
    assert expected_best(trials)["trials"].tolist() == [2, 4]


def test_the_band_holds_the_middle_four_fifths():
    curve = expected_best(frame(list(np.arange(1, 11) / 10))).set_index("complete")
    assert (curve.loc[1, "low"], curve.loc[1, "high"]) == (0.1, 0.9)
    # best of ten below v with probability (v)^10: 0.1 at v = 0.794, 0.9 at v = 0.990
    assert (curve.loc[10, "low"], curve.loc[10, "high"]) == (0.8, 1.0)


def test_a_search_of_equal_trials_needed_one():
    assert enough(expected_best(frame([0.5] * 8))) == 1


def test_a_search_that_still_rises_needed_all_but_the_last_hundredth():
    curve = expected_best(frame([0.0, 1.0]))
    assert enough(curve) == 2


def test_without_a_complete_trial_there_is_no_curve():
    assert expected_best(frame([np.nan], ["PRUNED"])).empty


def test_thousands_of_trials_are_drawn_at_sixty_places():
    assert len(expected_best(frame(list(np.linspace(0, 1, 5000))))) <= 60
