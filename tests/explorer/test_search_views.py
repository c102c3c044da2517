"""The views of the search: the right trials in the right traces, and a sentence where none are."""

from dataclasses import replace

import numpy as np
import pytest
from searches import lr_search, reported, searched, space

from wbcray.explorer.choice import Choice
from wbcray.explorer.pages import PAGES
from wbcray.explorer.views.budget import BUDGET
from wbcray.explorer.views.changes import CHANGES
from wbcray.explorer.views.cost import COST
from wbcray.explorer.views.curves import CURVES
from wbcray.explorer.views.effort import EFFORT
from wbcray.explorer.views.importance import IMPORTANCE
from wbcray.explorer.views.pairs import PAIRS
from wbcray.explorer.views.pruning import PRUNING
from wbcray.explorer.views.settings import SETTINGS
from wbcray.explorer.views.together import TOGETHER

HOME = {"home": [[5, 0, 0], [0, 5, 0], [0, 0, 5]]}
UNSEEN = [[5, 5, 0], [0, 10, 0], [0, 0, 10]]
(SEARCH,) = (page for page in PAGES if page.path == "/search")


def drawn(view, tables, place=0, **choice):
    return view.build(tables, Choice(**choice)).variants[place].draw()


def said_in(figure):
    return " ".join(note.text for note in figure.layout.annotations)


@pytest.fixture
def search(builder):
    """24 complete trials; the learning rate decides."""
    return lr_search(builder)


@pytest.mark.parametrize("view", SEARCH.views, ids=lambda view: view.anchor)
def test_an_empty_run_says_what_makes_an_answer(builder, view):
    panel = view.build(builder().build(), Choice())
    assert panel.variants == ()
    assert "`wbcray " in panel.lacking or panel.lacking == "No cell is recorded yet."
    assert panel.question.endswith("?")


@pytest.mark.parametrize("view", SEARCH.views, ids=lambda view: view.anchor)
def test_a_method_named_as_a_tag_stays_text(builder, view):
    name = "<b>evil"
    tables = lr_search(builder, trials=12, method=name)
    run = builder().cell("erm", "away", 0, validation=HOME).cell(name, "away", 0, validation=HOME)
    run.curve(name, "away", 0, [0.5])
    made = run.build()
    facts = replace(
        tables.facts,
        configurations=tuple((f"{n}-default", (("penalty", n),)) for n in ("erm", name)),
    )
    tables = replace(made, trials=tables.trials, facts=facts)
    tables = reported(tables, {number: [(1, 0.5)] for number in range(12)})
    panel = view.build(tables, Choice())
    assert panel.variants
    for variant in panel.variants:
        figure = variant.draw().figure.to_json()
        assert name not in figure.replace("\\u003c", "<").replace("\\u003e", ">")


def test_the_budget_ends_at_what_was_found_and_shows_what_was_opened(builder):
    run = builder().cell("m", "away", 0, validation=HOME, unseen=UNSEEN)
    for number, value in enumerate((0.2, 0.6)):
        run.trial("m", "away", number, value)
    run.trial("m", "away", 2, state="PRUNED")
    found = drawn(BUDGET, run.build())
    mark = next(trace for trace in found.figure.data if trace.mode == "markers")
    assert (mark.x[0], mark.y[0]) == (3, 0.6)
    assert found.numbers["held_out_score"].iloc[0] == found.figure.data[-1].y[0]
    assert found.figure.layout.xaxis3.title.text is None


def test_a_sealed_domain_has_no_panel_in_the_budget(builder):
    tables = builder().trial("m", "away", 0, 0.5).build()
    found = drawn(BUDGET, tables)
    assert "xaxis3" not in found.figure.layout.to_plotly_json()
    assert found.numbers["held_out_score"].isna().all()


def test_effort_stacks_the_states_of_each_study(builder):
    run = builder().trial("m", "away", 0, 0.5).trial("m", "away", 1, state="PRUNED")
    bars = drawn(EFFORT, run.build()).figure.data
    assert [(bar.name, list(bar.x)) for bar in bars[::3]] == [("complete", [1]), ("pruned", [1])]


def test_stopped_trials_end_with_a_cross(builder):
    run = builder().trial("m", "away", 0, 0.9).trial("m", "away", 1, state="PRUNED")
    tables = reported(run.build(), {0: [(1, 0.3), (2, 0.9)], 1: [(1, 0.4)]})
    tables = searched(tables, "m", "away", space())
    figure = drawn(PRUNING, tables).figure
    cross = next(trace for trace in figure.data if trace.marker.symbol == "x")
    assert (list(cross.x), list(cross.y)) == ([1], [0.4])
    assert "1 of 1 stopped trials were ahead" in said_in(figure)


def test_hidden_lines_of_trials_are_said(builder):
    run = builder()
    for number in range(302):
        run.trial("m", "away", number, 0.5)
    tables = reported(run.build(), {number: [(1, 0.5)] for number in range(302)})
    assert "2 trials are not drawn" in said_in(drawn(PRUNING, tables).figure)


def test_one_epoch_has_an_axis_of_one_epoch(builder):
    run = builder().cell("m", "away", 0, validation=HOME).curve("m", "away", 0, [0.5])
    axis = drawn(CURVES, run.build()).figure.layout.xaxis
    assert (axis.range, axis.dtick) == ((0.5, 1.5), 1)


def test_the_opened_domain_stands_apart_from_the_curve(builder):
    run = builder().cell("m", "away", 0, validation=HOME, unseen=UNSEEN)
    found = drawn(CURVES, run.curve("m", "away", 0, [0.5, 0.9]).build())
    assert found.figure.data[1].y == (0.5, 0.9)
    assert found.figure.data[-1].xaxis == "x2"
    # F1 of the three classes: 2*5/(10+5), 2*10/(10+15), 1
    assert found.figure.data[-1].y[0] == pytest.approx((2 / 3 + 0.8 + 1) / 3)


def test_an_axis_shows_all_that_was_searched(search):
    figure = drawn(SETTINGS, search).figure
    axes = {axis.title.text: axis for axis in figure.select_xaxes()}
    assert axes["optimizer.lr"].type == "log"
    assert axes["optimizer.lr"].range[0] < -5 < -1 < axes["optimizer.lr"].range[1]
    assert axes["network.dropout"].type == "linear"
    assert axes["sampler"].categoryarray == ("shuffled", "balanced")


def test_best_trials_at_an_edge_are_said_above_the_marks_and_at_the_axis(search):
    trials = search.trials.sort_values("value", ignore_index=True)
    rising = np.linspace(0, 0.5, len(trials))
    tables = replace(search, trials=trials.assign(**{"p_network.dropout": rising}))
    figure = drawn(SETTINGS, tables).figure
    assert "network.dropout at its upper end 0.5 (2 of 3)" in said_in(figure)
    assert any("best at the upper end" in axis.title.text for axis in figure.select_xaxes())
    assert "upper end" not in said_in(drawn(SETTINGS, search).figure)


@pytest.mark.parametrize("view", [SETTINGS, TOGETHER, PAIRS], ids=lambda view: view.anchor)
def test_trials_that_were_stopped_are_not_ranked(search, view):
    states = search.trials["state"].where(search.trials["trial"] % 2 == 0, "PRUNED")
    values = search.trials["value"].where(states == "COMPLETE")
    tables = replace(search, trials=search.trials.assign(state=states, value=values))
    figure = drawn(view, tables).figure
    count = {
        SETTINGS: lambda: len(figure.data[0].x),
        TOGETHER: lambda: len(figure.data[0].line.color),
        PAIRS: lambda: len(figure.data[1].x),
    }[view]()
    assert count == 12


def test_the_most_important_setting_is_the_first_axis(search):
    names = [one.label for one in drawn(TOGETHER, search).figure.data[0].dimensions]
    assert names[0] == "optimizer.lr"
    assert names[-1] == "macro F1"


def test_axes_write_at_most_four_digits(search):
    for one in drawn(TOGETHER, search).figure.data[0].dimensions:
        assert one.tickvals is not None  # else Plotly writes the ends itself, with all digits
        for text in one.ticktext:
            assert sum(letter.isdigit() for letter in text.lstrip("0.")) <= 4


def test_names_of_axes_have_room_above_them(search):
    assert drawn(TOGETHER, search).figure.layout.margin.t >= 90


def test_thousands_of_lines_are_thinned_and_said(builder):
    run = builder()
    for number in range(2003):
        run.trial("m", "away", number, number / 2003, x=float(number))
    figure = drawn(TOGETHER, run.build()).figure
    assert len(figure.data[0].line.color) == 2000
    assert "3 trials are not drawn" in said_in(figure)


def test_a_pair_is_drawn_where_both_settings_are_in_use(search):
    found = drawn(PAIRS, search)
    assert found.figure.layout.xaxis.title.text == "optimizer.lr"
    ring = found.figure.data[-1]
    best = search.trials.loc[search.trials["value"].idxmax()]
    assert ring.x[0] == best["p_optimizer.lr"]


def test_bars_of_importance_have_the_level_of_chance_beside_them(search):
    found = drawn(IMPORTANCE, search)
    assert [trace.name for trace in found.figure.data] == ["held out: away, 24 trials", "by chance"]
    assert found.numbers["importance"].sum() == pytest.approx(1)


def test_cost_is_shown_for_trainings_alone_where_nothing_was_searched(builder):
    run = builder().cell("erm", "away", 0, validation=HOME)
    found = drawn(COST, run.build())
    # its one training took 60 s, less than two minutes
    assert found.figure.layout.xaxis.title.text.startswith("seconds of one training")
    assert found.figure.data[-1].x == pytest.approx([60.0])
    assert found.numbers["training_hours"].tolist() == pytest.approx([60 / 3600])
    assert "xaxis2" not in found.figure.layout.to_plotly_json()


def test_the_chosen_rival_is_the_one_whose_settings_are_compared(builder):
    run = builder()
    for method in ("erm", "m", "other"):
        run.cell(method, "away", 0, validation=HOME)
    tables = run.build()
    settings = tuple((f"{name}-default", (("nu", name),)) for name in ("erm", "m", "other"))
    tables = replace(tables, facts=replace(tables.facts, configurations=settings))
    found = drawn(CHANGES, tables, rival="other")
    assert list(found.numbers.columns[1:3]) == ["erm", "other"]
    assert found.figure.data[0].type == "table"
