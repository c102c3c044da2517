"""Classes, confusions and images, by hand."""

from math import isnan

import numpy as np
import pytest

from wbcray.explorer.numbers.classes import confusion_pair, images_of_classes, per_class, row_shares
from wbcray.metrics.intervals import wilson

HOME = {"home": [[20, 0, 0], [0, 10, 0], [0, 0, 5]]}
AWAY = [[6, 4, 0], [0, 1, 0], [0, 0, 0]]  # ten a, one b, no c


@pytest.fixture
def tables(builder):
    """Two folds of one method; every fold judges the same eleven unseen images."""
    run = builder()
    for fold in (0, 1):
        run.cell("m", "away", fold, validation=HOME, unseen=AWAY)
    return run.build()


def by_class(rows):
    return {row["class"]: row for row in rows.to_dict("records")}


def test_the_rarest_class_is_first_and_absent_ones_are_last(tables):
    assert per_class(tables, "unseen", held_out="away")["class"].tolist() == ["b", "a", "c"]


def test_unseen_images_are_counted_once_though_every_fold_judges_them(tables):
    found = by_class(per_class(tables, "unseen", held_out="away"))
    assert (found["a"]["images"], found["a"]["judgements"]) == (10, 20)


def test_more_folds_do_not_narrow_the_interval_of_the_same_images(tables):
    found = by_class(per_class(tables, "unseen", held_out="away"))["a"]
    assert (found["low"], found["high"]) == pytest.approx(wilson(6, 10))


def test_validation_images_of_several_folds_are_different_images(tables):
    found = by_class(per_class(tables, "validation", held_out="away"))["a"]
    assert found["images"] == 40
    assert (found["low"], found["high"]) == pytest.approx(wilson(40, 40))


def test_seeds_do_not_multiply_validation_images(builder):
    run = builder(seeds=[0, 1])
    for seed in (0, 1):
        run.cell("m", "away", 0, validation=HOME, seed=seed)
    run.cell("m", "away", 1, validation=HOME, seed=0)  # the second seed is missing here
    found = by_class(per_class(run.build(), "validation", held_out="away"))
    assert found["a"]["images"] == 40


def test_an_absent_class_has_no_score(tables):
    found = by_class(per_class(tables, "unseen", held_out="away"))["c"]
    assert found["state"] == "absent"
    assert isnan(found["f1"])
    assert isnan(found["recall"])


def test_a_class_with_one_image_is_too_few(tables):
    assert by_class(per_class(tables, "unseen", held_out="away"))["b"]["state"] == "too few"


def test_the_f1_is_that_of_the_pooled_counts(tables):
    # a: 12 right of 20, never wrongly predicted: 2 * 12 / (20 + 12)
    found = by_class(per_class(tables, "unseen", held_out="away"))["a"]
    assert found["f1"] == pytest.approx(0.75)


def test_a_sealed_domain_has_no_classes(builder):
    tables = builder().cell("m", "away", 0, validation=HOME).build()
    assert per_class(tables, "unseen", held_out="away").empty


def test_images_are_read_from_folds_and_from_the_unseen_domain(tables):
    images = images_of_classes(tables)
    assert images.loc["home"].tolist() == [40, 20, 10]
    assert images.loc["away"].tolist() == [10, 1, 0]


def test_a_domain_that_nobody_opened_has_unknown_images(builder):
    images = images_of_classes(builder().cell("m", "away", 0, validation=HOME).build())
    assert images.loc["away"].isna().all()


def test_confusions_are_shares_of_the_true_class_and_subtract_cell_by_cell(builder):
    run = builder()
    run.cell("erm", "away", 0, validation=HOME, unseen=[[2, 8, 0], [0, 1, 0], [0, 0, 0]])
    run.cell("boda", "away", 0, validation=HOME, unseen=AWAY)
    pair = confusion_pair(run.build(), "unseen", held_out="away", first="erm", second="boda")
    assert pair.first[0].tolist() == pytest.approx([0.2, 0.8, 0])
    assert pair.difference[0].tolist() == pytest.approx([0.4, -0.4, 0])
    assert np.isnan(pair.difference[2]).all()
    assert pair.images == (10, 1, 0)


def test_an_empty_row_has_no_shares():
    shares = row_shares(np.array([[3, 1], [0, 0]]))
    assert shares[0].tolist() == [0.75, 0.25]
    assert np.isnan(shares[1]).all()
