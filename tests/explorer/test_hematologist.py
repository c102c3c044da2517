"""What a hematologist asks of counts: critical confusions, maturation, the differential count."""

import numpy as np
import pytest

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers.critical import ANY_BENIGN, cost_scores, critical_confusions
from wbcray.explorer.numbers.differential import differential_count
from wbcray.explorer.numbers.lineage import ALL_STAGES, maturation, stages_of
from wbcray.explorer.views.critical import CRITICAL
from wbcray.explorer.views.differential import DIFFERENTIAL
from wbcray.explorer.views.lineage import LINEAGE
from wbcray.metrics.intervals import wilson

CLASSES = ["myeloblast", "myelocyte", "metamyelocyte", "lymphocyte_typical"]
HOME = {"home": (10 * np.eye(4, dtype=int)).tolist()}
AWAY = [  # ten blasts, ten myelocytes, ten metamyelocytes, a hundred lymphocytes
    [6, 1, 0, 3],
    [0, 5, 4, 1],
    [0, 0, 10, 0],
    [0, 0, 0, 100],
]


@pytest.fixture
def tables(builder):
    run = builder(classes=CLASSES)
    perfect = np.diag([10, 10, 10, 100]).tolist()
    for fold in (0, 1):
        run.cell("erm", "away", fold, validation=HOME, unseen=AWAY)
        run.cell("boda", "away", fold, validation=HOME, unseen=perfect)
    return run.build()


def rows_of(frame, **wanted):
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    return frame.to_dict("records")


def test_blasts_read_as_lymphocytes_are_listed_with_their_share(tables):
    found = critical_confusions(tables, "unseen", held_out="away")
    (whole,) = rows_of(found, method="erm", predicted=ANY_BENIGN)
    assert (whole["true"], whole["images"], whole["misread"]) == ("myeloblast", 10, 3)
    assert (whole["low"], whole["high"]) == pytest.approx(wilson(3, 10))
    (one,) = rows_of(found, method="erm", predicted="lymphocyte_typical")
    assert one["share"] == pytest.approx(0.3)


def test_a_method_without_critical_mistakes_is_listed_with_none(tables):
    found = critical_confusions(tables, "unseen", held_out="away")
    assert [row["misread"] for row in rows_of(found, method="boda")] == [0]


def test_the_cost_weighs_classes_alike_and_mistakes_by_what_they_miss(tables):
    found = cost_scores(tables, "unseen", held_out="away")
    (erm,) = rows_of(found, method="erm")
    # blasts (3 * 10 + 1 * 1) / 10, myelocytes (4 * 0.25 + 1) / 10, the rest nothing
    assert erm["cost"] == pytest.approx((3.1 + 0.2 + 0 + 0) / 4)
    assert erm["cost_per_image"] == pytest.approx((31 + 2) / 130)
    assert erm["low"] < erm["cost"] < erm["high"]
    assert erm["std_cells"] == 0


def test_the_cheapest_method_is_first_and_a_perfect_one_costs_nothing(tables):
    found = cost_scores(tables, "unseen", held_out="away")
    assert found["method"].tolist() == ["boda", "erm"]
    assert found.loc[0, ["cost", "low", "high"]].tolist() == [0, 0, 0]


def test_classes_with_too_few_images_do_not_cost(builder):
    run = builder(classes=CLASSES)
    few = [[0, 0, 0, 4], [0, 10, 0, 0], [0, 0, 10, 0], [0, 0, 0, 10]]
    tables = run.cell("erm", "away", 0, validation=HOME, unseen=few).build()
    found = cost_scores(tables, "unseen", held_out="away")
    assert found.loc[0, ["cost", "classes"]].tolist() == [0, 3]


def test_mistakes_of_one_step_are_apart_from_those_across_lineages(tables):
    found = maturation(tables, "unseen", held_out="away")
    (one,) = rows_of(found, method="erm", **{"class": "myelocyte"})
    kinds = [one[name] for name in ("right", "one_step", "further", "outside", "within")]
    assert kinds == pytest.approx([0.5, 0.4, 0, 0.1, 0.9])
    assert (one["low"], one["high"]) == pytest.approx(wilson(9, 10))


def test_all_stages_weigh_alike(tables):
    (whole,) = rows_of(
        maturation(tables, "unseen", held_out="away"), method="erm", **{"class": ALL_STAGES}
    )
    assert (whole["right"], whole["within"]) == pytest.approx((0.75, 0.95))


def test_stages_stand_in_the_order_of_maturation():
    names = ("neutrophil_segmented", "monocyte", "promyelocyte", "myelocyte")
    assert [names[place] for place in stages_of(names)] == [
        "promyelocyte",
        "myelocyte",
        "neutrophil_segmented",
    ]


def test_a_differential_count_says_which_classes_are_counted_too_often(tables):
    found = differential_count(tables, "unseen", held_out="away")
    (one,) = rows_of(found, method="erm", **{"class": "lymphocyte_typical"})
    assert one["true_share"] == pytest.approx(100 / 130)
    assert one["predicted_share"] == pytest.approx(104 / 130)
    assert found["class"].iloc[0] == "lymphocyte_typical"


def test_folds_that_judge_the_same_images_do_not_multiply_them(tables):
    found = differential_count(tables, "unseen", held_out="away")
    (one,) = rows_of(found, method="erm", **{"class": "myeloblast"})
    assert one["images"] == 10


@pytest.mark.parametrize("view", [CRITICAL, LINEAGE, DIFFERENTIAL], ids=lambda view: view.anchor)
def test_every_variant_draws_what_its_numbers_say(tables, view):
    panel = view.build(tables, Choice())
    assert panel.variants
    for variant in panel.variants:
        drawn = variant.draw()
        assert len(drawn.numbers)
        assert drawn.figure.data


def test_the_costs_are_stated_beside_the_score(tables):
    assert "lymphocyte_atypical read as benign 5" in CRITICAL.build(tables, Choice()).how_to_read


@pytest.mark.parametrize("view", [CRITICAL, LINEAGE], ids=lambda view: view.anchor)
def test_a_run_without_such_classes_is_told_which_has_them(view, builder):
    run = builder().cell("m", "away", 0, validation={"home": [[9, 0, 0], [0, 9, 0], [0, 0, 9]]})
    panel = view.build(run.build(), Choice())
    assert not panel.variants
    assert "classes: canonical13" in panel.lacking
