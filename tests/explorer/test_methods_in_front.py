"""Which methods keep their colour where there are too many."""

import pytest

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.style import FAINT, back_to_front, looks, with_others_behind
from wbcray.explorer.numbers.in_front import in_front, in_front_note
from wbcray.explorer.views.shift import SHIFT
from wbcray.explorer.views.tradeoff import TRADEOFF


def run_of(builder, methods):
    """Methods erm, m1, m2, ...: `m<k>` has k of 10 images right at home."""
    run = builder()
    for number in range(methods):
        name = "erm" if number == 0 else f"m{number}"
        right = [[number, 10 - number, 0], [0, 0, 0], [0, 0, 0]]
        away = [[10 - number, number, 0], [0, 0, 0], [0, 0, 0]]
        for fold in (0, 1):
            run.cell(name, "away", fold, validation={"home": right}, unseen=away)
    return run.build()


@pytest.fixture(scope="module")
def nine(builder):
    return run_of(builder, 9)


def test_of_eight_methods_all_are_in_front_and_nothing_is_said(builder):
    eight = run_of(builder, 8)
    assert in_front(eight, Choice()) == set(eight.methods)
    assert in_front_note(eight) == ""


def test_of_nine_the_reference_the_rival_and_the_five_best_on_validation_are(nine):
    assert in_front(nine, Choice()) == {"erm", "m4", "m5", "m6", "m7", "m8"}
    assert in_front(nine, Choice(rival="m1")) == {"erm", "m1", "m4", "m5", "m6", "m7", "m8"}
    assert "Of 9 methods the reference and the 5 best" in in_front_note(nine)


def test_the_others_are_faint_and_drawn_first():
    all_looks = looks(["erm", "coral", "boda"])
    known = with_others_behind(all_looks, {"boda", "erm"})
    assert back_to_front(["erm", "coral", "boda"], known) == ["coral", "boda", "erm"]
    assert (known["coral"].color, known["boda"]) == (FAINT, all_looks["boda"])


@pytest.mark.parametrize("view", [SHIFT, TRADEOFF])
def test_only_those_in_front_are_in_the_legend(view, nine):
    figure = view.build(nine, Choice()).variants[0].draw().figure
    listed = {trace.name for trace in figure.data if trace.showlegend}
    assert listed == {"erm", "m4", "m5", "m6", "m7", "m8"}
    assert {"m1", "m2", "m3"} <= {trace.name for trace in figure.data}


def test_a_method_without_spread_has_no_empty_ellipse(nine):
    figure = TRADEOFF.build(nine, Choice()).variants[0].draw().figure
    assert all(len(trace.x) for trace in figure.data)
