"""Settings whose best trials lie at an end of what was searched."""

import pytest
from searches import frame

from wbcray.explorer.numbers.edges import edges
from wbcray.explorer.reading.parameters import Parameter

RATE = Parameter(name="lr", log=True, low=1e-4, high=1e-0)
PART = Parameter(name="part", low=0.0, high=1.0)


def search(name, best, other, trials=20):
    """The three best trials have `best`, the others `other`."""
    found = frame([0.9, 0.8, 0.7, *[0.5] * (trials - 3)])
    return found.assign(**{f"p_{name}": [best] * 3 + [other] * (trials - 3)})


def test_the_best_trials_at_the_upper_end_are_seen():
    (edge,) = edges(search("part", 0.96, 0.5), [PART])
    assert (edge.name, edge.side, edge.near, edge.best, edge.end) == ("part", "upper", 3, 3, 1.0)


def test_just_inside_five_percent_is_not_the_edge():
    assert edges(search("part", 0.94, 0.5), [PART]) == ()


@pytest.mark.parametrize(("value", "side"), [(1.5e-4, "lower"), (0.7, "upper")])
def test_a_log_range_has_its_edges_on_its_own_scale(value, side):
    # 5 % of four decades: up to 1.58e-4, from 0.63
    assert edges(search("lr", value, 1e-2), [RATE])[0].side == side


def test_poor_trials_at_the_edge_do_not_matter():
    assert edges(search("part", 0.5, 1.0), [PART]) == ()


def test_one_of_three_is_not_most():
    trials = search("part", 0.5, 0.5)
    trials.loc[0, "p_part"] = 1.0
    assert edges(trials, [PART]) == ()


def test_few_trials_say_nothing():
    assert edges(search("part", 1.0, 0.5, trials=9), [PART]) == ()


def test_choices_few_values_and_unknown_ranges_have_no_edge():
    trials = search("part", 1.0, 0.5)
    for parameter in (
        Parameter(name="part", choices=("0.5", "1")),
        Parameter(name="part", steps=(0.5, 1.0), low=0.5, high=1.0),
        Parameter(name="part"),
    ):
        assert edges(trials, [parameter]) == ()
