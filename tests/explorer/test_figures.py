"""Figures: the right numbers in the right traces, the same look everywhere."""

import numpy as np
import pytest

from wbcray.explorer.look.style import COLORS, SYMBOLS, looks
from wbcray.explorer.numbers.classes import confusion_pair, per_class
from wbcray.explorer.numbers.coverage import coverage
from wbcray.explorer.numbers.leaderboard import leaderboard
from wbcray.explorer.views.classes import class_figure
from wbcray.explorer.views.confusions import confusion_figure
from wbcray.explorer.views.coverage import coverage_figure
from wbcray.explorer.views.differences import forest_figure
from wbcray.explorer.views.shift import shift_figure

METHODS = ("boda", "coral", "dann", "erm", "ldam")


@pytest.fixture(scope="module")
def board(realistic):
    return leaderboard(realistic, "unseen")


def colors_of(figure):
    found = {}
    for trace in figure.data:
        if trace.name:
            found[trace.name] = trace.marker.color
    return found


def test_a_method_keeps_its_color_when_others_are_hidden(realistic, board):
    look = looks(METHODS)
    home = leaderboard(realistic, "validation")
    all_of_them = colors_of(shift_figure(home, board, look))
    one = colors_of(
        shift_figure(home[home["method"] == "ldam"], board[board["method"] == "ldam"], look)
    )
    assert one["ldam"] == all_of_them["ldam"]


def test_methods_differ_in_color_and_mark():
    found = looks(METHODS).values()
    assert len({look.color for look in found}) == len({look.symbol for look in found}) == 5


def test_more_methods_than_colors_still_differ_by_mark():
    many = [f"method {number:02d}" for number in range(len(COLORS) * 2)]
    assert len(set(map(str, looks(many).values()))) > len(COLORS) + len(SYMBOLS)


def test_the_forest_shows_the_difference_and_its_interval(realistic, board):
    figure = forest_figure(board, looks(METHODS), reference="erm")
    row = board[(board["held_out"] == "tecom") & (board["method"] == "boda")].iloc[0]
    place = list(figure.data[0].y).index("boda")
    assert figure.data[0].x[place] == pytest.approx(row["difference"])
    assert figure.data[0].error_x.array[place] == pytest.approx(row["high"] - row["difference"])


def test_an_interval_of_two_folds_is_not_drawn(board):
    figure = forest_figure(board, looks(METHODS), reference="erm")
    place = list(figure.data[0].y).index("ldam")
    assert np.isnan(figure.data[0].error_x.array[place])
    assert figure.data[1].text[list(figure.data[1].y).index("ldam")] == "cannot tell<br>(2 folds)"


def test_the_title_is_the_question(board):
    figure = forest_figure(board, looks(METHODS), reference="erm")
    assert figure.layout.title.text == "Which differences to erm are real?"


def test_classes_without_images_have_no_square(realistic):
    figure = class_figure(per_class(realistic, "unseen", held_out="tecom"), place="tecom")
    heat = figure.data[0]
    assert heat.y[0] == "basophil  n=1, too few"
    assert heat.y[-1] == "myeloblast  absent"
    assert np.isnan(heat.z[0]).all()
    assert np.isnan(heat.z[-1]).all()


def test_only_the_difference_is_centered_on_zero(realistic):
    pair = confusion_pair(realistic, "unseen", held_out="tecom", first="erm", second="boda")
    tables = {}
    for trace in confusion_figure(pair, place="tecom").data:
        tables.setdefault(trace.xaxis, trace)  # the first of a facet; grey rows come after it
    assert [table.zmid for table in tables.values()] == [None, None, 0]
    assert tables["x3"].zmin == -tables["x3"].zmax


def test_a_class_with_one_image_does_not_set_the_scale_of_the_difference(builder):
    home = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}
    run = builder()
    run.cell("erm", "away", 0, validation=home, unseen=[[5, 5, 0], [1, 0, 0], [0, 0, 0]])
    run.cell("boda", "away", 0, validation=home, unseen=[[7, 3, 0], [0, 1, 0], [0, 0, 0]])
    pair = confusion_pair(run.build(), "unseen", held_out="away", first="erm", second="boda")
    figure = confusion_figure(pair, place="away")
    rest, _grey = figure.data[4:]
    assert rest.zmax == pytest.approx(0.2)


def test_rows_of_too_few_images_are_grey_and_those_of_none_are_hatched(builder):
    home = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}
    run = builder()
    for method in ("erm", "boda"):
        run.cell(method, "away", 0, validation=home, unseen=[[5, 5, 0], [1, 0, 0], [0, 0, 0]])
    pair = confusion_pair(run.build(), "unseen", held_out="away", first="erm", second="boda")
    figure = confusion_figure(pair, place="away")
    rest, grey = figure.data[:2]
    assert "too few" in rest.y[1]
    assert len({color for _, color in grey.colorscale}) == 1
    assert np.isnan(np.array(rest.z, dtype=float)).all(axis=1).tolist() == [False, True, True]
    assert np.isnan(np.array(grey.z, dtype=float)).all(axis=1).tolist() == [True, False, True]
    assert [set(rest.text[1]), set(grey.text[1])] == [{""}, {"100", ""}]
    assert [shape.xref for shape in figure.layout.shapes] == ["x", "x2", "x3"]


def test_coverage_colors_follow_the_states(realistic):
    heat = coverage_figure(coverage(realistic)).data[0]
    assert heat.z[list(heat.y).index("dann")][-1] == 1  # failed
    assert heat.text[list(heat.y).index("ldam")][2] == "0/2"


def test_names_are_escaped_for_plotly(builder):
    home = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}
    run = builder(classes=["<b>a", "b", "c"]).cell("m", "away", 0, validation=home)
    rows = per_class(run.build(), "validation", held_out="away")
    assert any(name.startswith("&lt;b&gt;a") for name in class_figure(rows, place="home").data[0].y)
