"""Intervals in the leaderboard: one scale for all rows, and nothing where nothing is known."""

import re

import pandas as pd
import pytest

from wbcray.explorer.dashboard.interval_marks import WIDTH, IntervalMarks

NAN = float("nan")


def board(*rows):
    return pd.DataFrame(rows, columns=["difference", "low", "high", "verdict"])


def places(drawn, shape):
    found = re.search(f'<{shape} (?:class="[a-z]+" )?([^>]*)/>', drawn)
    return {name: float(value) for name, value in re.findall(r'(\w+)="([-\d.]+)"', found[1])}


def test_the_scale_reaches_just_past_the_farthest_interval():
    marks = IntervalMarks.of(board((0.1, -0.1, 0.4, "tie"), (-0.2, -0.3, -0.1, "worse")))
    assert marks.reach == pytest.approx(0.42)


def test_two_folds_do_not_set_the_scale():
    marks = IntervalMarks.of(board((0.1, -2, 2, "cannot tell (2 folds)"), (0, -0.2, 0.2, "tie")))
    assert marks.reach == pytest.approx(0.21)


def test_small_differences_stay_small():
    assert IntervalMarks.of(board((0.001, -0.002, 0.003, "tie"))).reach == pytest.approx(0.0525)


def test_nothing_known_leaves_a_scale():
    assert IntervalMarks.of(board((NAN, NAN, NAN, "reference"))).reach == pytest.approx(0.0525)


def test_values_stand_where_the_scale_says():
    drawn = IntervalMarks(reach=0.5).mark(0.25, -0.25, 0.5, color="#123456")
    assert places(drawn, "circle")["cx"] == WIDTH * 0.75
    assert places(drawn, 'line class="interval"')["x1"] == WIDTH * 0.25
    assert places(drawn, 'line class="interval"')["x2"] == WIDTH
    assert places(drawn, 'line class="zero"')["x1"] == WIDTH / 2


def test_the_band_of_equal_methods_is_a_hundredth_to_either_side():
    band = places(IntervalMarks(reach=0.1).mark(0.0, 0.0, 0.0, color="red"), "rect")
    assert (band["x"], band["width"]) == (WIDTH * 0.45, WIDTH * 0.1)


def test_what_is_beyond_the_scale_stands_at_its_end():
    drawn = IntervalMarks(reach=0.5).mark(0.1, -3.0, 3.0, color="red")
    assert places(drawn, 'line class="interval"')["x1"] == 0
    assert places(drawn, 'line class="interval"')["x2"] == WIDTH


def test_a_reference_has_neither_mean_nor_interval():
    drawn = IntervalMarks(reach=0.5).mark(NAN, NAN, NAN, color="red")
    assert "circle" not in drawn
    assert "interval" not in drawn
    assert "zero" in drawn
