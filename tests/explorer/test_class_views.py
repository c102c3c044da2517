"""Views about classes: differences, confusions that can be clicked, and how skewed the data are."""

from dataclasses import replace

import numpy as np
import pytest

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers.classes import against, confusion_pair, per_class
from wbcray.explorer.reading.data_facts import DomainFacts, OverviewFacts
from wbcray.explorer.views.classes import CLASSES
from wbcray.explorer.views.confusions import CONFUSIONS, confusion_figure, rival_of
from wbcray.explorer.views.images import IMAGES, NO_LABEL

POSTER = ("lymphocyte_atypical", "myeloblast", "lymphocyte_typical")
HOME = {"home": (10 * np.eye(3, dtype=int)).tolist()}


@pytest.fixture
def tables(builder):
    """Of 50 atypical lymphocytes, one method finds 10 and the other 25; no blast at all."""
    run = builder(classes=POSTER)
    run.cell("erm", "away", 0, validation=HOME, unseen=[[10, 0, 40], [0, 0, 0], [2, 0, 98]])
    run.cell("boda", "away", 0, validation=HOME, unseen=[[25, 0, 25], [0, 0, 0], [10, 0, 90]])
    return run.build()


def variant(view, tables, label, choice=None):
    panel = view.build(tables, choice or Choice())
    return next(one for one in panel.variants if one.label == label).draw()


def test_the_difference_to_the_reference_is_by_class(tables):
    rows = against(per_class(tables, "unseen", held_out="away"), reference="erm")
    found = rows.set_index(["class", "method"])["recall_difference"]
    assert found["lymphocyte_atypical", "boda"] == pytest.approx(0.3)
    assert found["lymphocyte_typical", "boda"] == pytest.approx(-0.08)
    assert np.isnan(found["myeloblast", "boda"])


def test_a_difference_has_no_column_for_the_reference_itself(tables):
    drawn = variant(CLASSES, tables, "unseen away: F1 minus erm")
    assert list(drawn.figure.data[0].x) == ["boda"]
    assert drawn.figure.data[0].zmid == 0


def test_a_class_that_is_not_there_is_said_and_not_zero(tables):
    heat, words = variant(CLASSES, tables, "unseen away: recall").figure.data
    row = list(heat.y).index("myeloblast  absent")
    assert np.isnan(heat.z[row]).all()
    assert list(words.text) == ["absent", "absent"]


def test_both_intervals_are_told_where_the_reader_points(tables):
    heat = variant(CLASSES, tables, "unseen away: F1").figure.data[0]
    told = heat.customdata[list(heat.y).index("lymphocyte_atypical  n=50")]
    assert "recall 0.50 (95 %: 0.37 to 0.63)" in told[list(heat.x).index("boda")]
    assert "F1 0.59 (95 %: 0." in told[list(heat.x).index("boda")]


def test_a_square_carries_its_true_and_its_predicted_class(tables):
    figure = variant(CONFUSIONS, tables, "unseen away").figure
    for heat in figure.data:
        row = list(heat.y).index("lymphocyte_atypical  n=50")
        column = list(heat.x).index("lymphocyte_typical")
        assert list(heat.customdata[row][column][:2]) == [
            "lymphocyte_atypical",
            "lymphocyte_typical",
        ]


def test_a_square_tells_how_many_of_how_many(tables):
    first, _, difference = variant(CONFUSIONS, tables, "unseen away").figure.data
    row = list(first.y).index("lymphocyte_atypical  n=50")
    column = list(first.x).index("lymphocyte_typical")
    assert list(first.customdata[row][column][2:]) == [40, 50]
    assert list(difference.customdata[row][column][2:]) == [25, 50, 40, 50]


def test_confusions_stand_in_the_order_of_lineage(tables):
    figure = variant(CONFUSIONS, tables, "unseen away").figure
    assert list(figure.data[0].x) == ["myeloblast", "lymphocyte_typical", "lymphocyte_atypical"]


def test_the_posters_figure_is_one_row_of_the_confusions(tables):
    choice = Choice(classes=("lymphocyte_atypical",), rival="boda")
    drawn = variant(CONFUSIONS, tables, "unseen away", choice)
    erm, boda, difference = drawn.figure.data
    assert [list(heat.y) for heat in (erm, boda)] == [["lymphocyte_atypical  n=50"]] * 2
    assert (erm.z[0][2], boda.z[0][2]) == (0.2, 0.5)
    assert difference.z[0][2] == pytest.approx(0.3)
    assert set(drawn.numbers["true"]) == {"lymphocyte_atypical"}


def test_names_in_confusions_are_escaped_but_carried_as_they_are(builder):
    run = builder(classes=["<b>a", "b", "c"])
    for method in ("erm", "boda"):
        run.cell(method, "away", 0, validation=HOME)
    names = {"first": "erm", "second": "boda"}
    pair = confusion_pair(run.build(), "validation", held_out="away", **names)
    heat = confusion_figure(pair, place="home").data[0]
    assert heat.x[0] == "&lt;b&gt;a"
    assert heat.customdata[0][0][0] == "<b>a"


def test_the_rival_is_the_best_other_method_or_the_chosen_one(tables):
    assert rival_of(tables, Choice(), "unseen", "away") == "boda"
    assert rival_of(tables, Choice(reference="boda"), "unseen", "away") == "erm"
    assert rival_of(tables, Choice(reference="coral"), "unseen", "away") == ""


def test_one_method_alone_has_nobody_to_trade_with(builder):
    tables = builder(classes=POSTER).cell("erm", "away", 0, validation=HOME).build()
    panel = CONFUSIONS.build(tables, Choice())
    assert not panel.variants
    assert "wbcray compare" in panel.lacking


def overview(**counts):
    """What a run says of two domains whose data sets have these labels."""
    rest = {"unlabelled": 0, "left_out": {}, "patients": None, "agreements": ()}
    rest |= dict.fromkeys(("width", "height"), (9, 9, 9))
    rest |= dict.fromkeys(("mean_rgb", "sd_rgb"), (0.0, 0.0, 0.0))
    return OverviewFacts(
        classes=POSTER,
        domains=tuple(
            DomainFacts(name=name, images=100, counts=found, **rest)
            for name, found in counts.items()
        ),
        examples={},
    )


def test_a_class_without_images_differs_from_one_without_a_label(tables):
    known = {"lymphocyte_atypical": 50, "myeloblast": None, "lymphocyte_typical": 100}
    said = replace(tables, overview=overview(away=known))
    words = IMAGES.build(said, Choice()).variants[0].draw().figure.data[1]
    assert list(words.text) == [NO_LABEL]
    words = IMAGES.build(tables, Choice()).variants[0].draw().figure.data[1]
    assert list(words.text) == ["0"]


def test_images_are_coloured_by_the_logarithm_of_their_number(tables):
    heat = IMAGES.build(tables, Choice()).variants[0].draw().figure.data[0]
    assert heat.z[list(heat.y).index("away")][2] == pytest.approx(2)
