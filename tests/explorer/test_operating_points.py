"""Sensitivity at a fixed specificity, by hand."""

import numpy as np
import pytest
from outputs_by_hand import answering, outputs

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers.operating_points import operating_points, threshold_at
from wbcray.explorer.views import operating_points as view
from wbcray.metrics.intervals import wilson

CLASSES = ("myeloblast", "monocyte")
TWENTY = np.arange(20) / 40  # scores of images that are no blasts: 0, 0.025 .. 0.475


def scored(blasts, others, fold=0, domain="away"):
    """One network: probabilities of being a blast, of blasts and of other images."""
    scores = [*blasts, *others]
    true = ["myeloblast"] * len(blasts) + ["monocyte"] * len(others)
    rows = [
        (fold, f"img-{number}", domain, name, "myeloblast" if score > 0.5 else "monocyte")
        for number, (name, score) in enumerate(zip(true, scores, strict=True))
    ]
    return rows, [(score, 1 - score) for score in scores]


@pytest.mark.parametrize(("specificity", "positive"), [(1.0, 0), (0.95, 1), (0.5, 10), (0.0, 20)])
def test_a_threshold_lets_as_many_through_as_asked(specificity, positive):
    assert int((threshold_at(TWENTY, specificity) <= TWENTY).sum()) == positive


def test_equal_scores_are_not_parted():
    others = np.array([0.1, 0.3, 0.3, 0.3])
    assert int((others >= threshold_at(others, 0.5)).sum()) == 0


def test_without_other_images_nothing_is_called_positive():
    assert threshold_at(np.array([]), 0.95) == float("inf")


def test_sensitivity_counts_the_images_above_the_threshold():
    # the threshold lies between 0.45 and 0.475, so that 19 of 20 others stay below
    rows, given = scored([0.46, 0.9, 0.44, 0.1], TWENTY)
    (found,) = operating_points(outputs(rows, given), CLASSES).to_dict("records")
    assert (found["sensitivity"], found["specificity"]) == pytest.approx((0.5, 0.95))
    assert (found["low"], found["high"]) == pytest.approx(wilson(2, 4))
    assert np.isnan(found["carried_sensitivity"])


def test_networks_that_judge_the_same_images_do_not_narrow_the_interval():
    one, given = scored([0.46, 0.9, 0.44, 0.1], TWENTY)
    two, also = scored([0.9, 0.9, 0.9, 0.9], TWENTY, fold=1)
    (found,) = operating_points(outputs(one + two, given + also), CLASSES).to_dict("records")
    assert (found["images"], found["networks"]) == (4, 2)
    assert found["sensitivity"] == pytest.approx(0.75)
    assert (found["low"], found["high"]) == pytest.approx(wilson(3, 4))


def test_a_threshold_from_validation_shows_what_it_reaches_elsewhere():
    # everything is scored 0.2 higher away from home: more is found, and more is called in vain
    away = outputs(*scored([0.46, 0.9], TWENTY + 0.2))
    home = outputs(*scored([0.46, 0.9], TWENTY, domain="home"))
    (found,) = operating_points(away, CLASSES, validation=home).to_dict("records")
    assert found["carried_sensitivity"] == 1
    assert found["carried_specificity"] == pytest.approx(11 / 20)


def test_a_class_without_images_has_no_sensitivity():
    rows, given = scored([], TWENTY)
    assert operating_points(outputs(rows, given), CLASSES).empty


def test_the_view_draws_a_mark_for_every_method(builder, monkeypatch):
    home = {"home": [[4, 0], [0, 20]]}
    run = builder(classes=list(CLASSES))
    for method in ("erm", "boda"):
        run.cell(method, "away", 0, validation=home)
    found = outputs(*scored([0.46, 0.9], TWENTY))
    answering(monkeypatch, view, {(name, "validation"): found for name in ("erm", "boda")})
    (variant,) = view.OPERATING_POINTS.build(run.build(), Choice()).variants
    drawn = variant.draw()
    assert {trace.name for trace in drawn.figure.data if trace.name} == {"erm", "boda"}
    assert drawn.numbers["sensitivity"].tolist() == [1, 1]


def test_a_run_without_outputs_says_what_keeps_them(builder):
    run = builder(classes=list(CLASSES)).cell(
        "erm", "away", 0, validation={"home": [[4, 0], [0, 9]]}
    )
    panel = view.OPERATING_POINTS.build(run.build(), Choice())
    assert not panel.variants
    assert "`wbcray compare` keeps it" in panel.lacking
