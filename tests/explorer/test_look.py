"""Ranges, units of time, hatching and remarks of figures, with numbers checked by hand."""

import numpy as np
import plotly.graph_objects as go
import pytest

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.axis_range import around, ticks_about_zero
from wbcray.explorer.look.durations import unit_of
from wbcray.explorer.look.hatching import hatching
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.look.style import dressed
from wbcray.explorer.numbers.classes import per_class
from wbcray.explorer.views.classes import class_figure
from wbcray.explorer.views.tradeoff import TRADEOFF

HOME = {"home": [[5, 0, 0], [0, 5, 0], [0, 0, 5]]}


def test_one_score_alone_has_a_narrow_range_about_it():
    assert around([0.5]) == pytest.approx([0.471, 0.529])


def test_a_range_holds_all_values_and_leaves_out_what_is_not_known():
    assert around([0.2, np.nan], [1.2]) == pytest.approx([0.12, 1.28])
    assert around([np.nan]) is None


@pytest.mark.parametrize(
    ("reach", "ticks"),
    [
        (0.5, [-0.4, -0.2, 0, 0.2, 0.4]),
        (0.22, [-0.2, -0.1, 0, 0.1, 0.2]),
        (1.0, [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_ticks_about_zero_are_round_and_end_with_the_bars(reach, ticks):
    assert ticks_about_zero(reach) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("hours", "name"),
    [
        ([], "seconds"),
        ([0.03], "seconds"),
        ([0.04], "minutes"),
        ([1.9], "minutes"),
        ([2.0], "hours"),
    ],
)
def test_the_unit_of_time_is_the_largest_of_which_there_are_two(hours, name):
    assert unit_of(hours).name == name


def test_a_hatched_square_is_crossed_from_edge_to_edge_and_nothing_beside_it():
    assert hatching(np.zeros((2, 30), dtype=bool)) == []
    empty = np.zeros((2, 30), dtype=bool)
    empty[1, 4] = True
    (shape,) = hatching(empty, axes="2")
    ends = [
        tuple(map(float, end.strip("M ").split(",")))
        for end in shape["path"].replace("M", "L").split("L")
        if end.strip()
    ]
    assert {x for x, _ in ends} >= {3.5, 4.5}
    assert all(3.5 <= x <= 4.5 and 0.5 <= y <= 1.5 for x, y in ends)
    assert (shape["xref"], shape["yref"], shape["layer"]) == ("x2", "y2", "below")


def test_an_absent_class_is_hatched_and_a_score_of_zero_is_not(builder):
    run = builder().cell(
        "erm", "away", 0, validation=HOME, unseen=[[9, 0, 0], [9, 0, 0], [0, 0, 0]]
    )
    figure = class_figure(per_class(run.build(), "unseen", held_out="away"), place="unseen away")
    (shape,) = figure.layout.shapes
    rows = [
        float(end.split(",")[1]) for end in shape.path.replace("M", "L").split("L") if "," in end
    ]
    assert (min(rows), max(rows)) == (1.5, 2.5)
    assert figure.data[0].z[1][0] == 0


def test_a_remark_stays_when_a_page_takes_the_title_away():
    figure = dressed(go.Figure(), "Why?", height=300)
    assert remarked(figure, "", "").layout.annotations == ()
    assert figure.layout.height == 300
    told = remarked(figure, "one", "two").layout
    assert told.annotations[0].text == "one<br>two"
    assert told.height == 340
    again = remarked(figure, "three").layout
    assert [note.text for note in again.annotations] == ["one<br>two<br>three"]
    assert again.height == 360
    assert told.title.text == "Why?"


def test_one_method_alone_has_no_axes_from_minus_one_to_one(builder):
    tables = builder().cell("erm", "away", 0, validation=HOME).build()
    figure = TRADEOFF.build(tables, Choice()).variants[0].draw().figure
    assert figure.layout.xaxis.range == pytest.approx((0.971, 1.029))
    assert figure.layout.yaxis.range == pytest.approx((0.971, 1.029))
