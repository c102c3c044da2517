"""Calibration of a method's outputs, by domain, before and after a temperature."""

import numpy as np
import pytest
from outputs_by_hand import answering, outputs

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers.trust import AFTER, BEFORE, coverage_of, trust_frame, trust_of
from wbcray.explorer.views import calibration as view

CLASSES = ("a", "b")


def judged(right, wrong, *, sure, fold=0, domain="away"):
    """So many right and wrong answers 'a', all equally sure."""
    rows = [
        (fold, f"img-{number}", domain, "a" if number < right else "b", "a")
        for number in range(right + wrong)
    ]
    return rows, [(sure, 1 - sure)] * len(rows)


def test_the_error_is_the_gap_between_sure_and_right():
    (one,) = trust_of(outputs(*judged(6, 4, sure=0.9)), None, CLASSES)
    assert (one.state, one.domain, one.images) == (BEFORE, "away", 10)
    assert one.ece == pytest.approx(0.3)
    assert one.brier == pytest.approx(0.6 * 2 * 0.1**2 + 0.4 * 2 * 0.9**2)


def test_a_temperature_fitted_on_validation_is_carried_over():
    # 60 % right at 90 %: the temperature that says 60 % has log(9) / T = log(1.5)
    home = outputs(*judged(6, 4, sure=0.9, domain="home"))
    before, after = trust_of(outputs(*judged(6, 4, sure=0.9)), home, CLASSES)
    assert (before.state, after.state) == (BEFORE, AFTER)
    assert after.temperature == pytest.approx(np.log(9) / np.log(1.5), rel=1e-3)
    assert after.ece == pytest.approx(0, abs=1e-3)


def test_each_network_has_its_own_temperature():
    sure, unsure = (
        judged(6, 4, sure=0.9, domain="home"),
        judged(9, 1, sure=0.9, fold=1, domain="home"),
    )
    home = outputs(sure[0] + unsure[0], sure[1] + unsure[1])
    found = trust_of(home, home, CLASSES)
    assert found[1].temperature == pytest.approx((np.log(9) / np.log(1.5) + 1) / 2, rel=1e-3)


def test_a_network_without_validation_outputs_is_left_out_of_what_comes_after():
    home = outputs(*judged(6, 4, sure=0.9, domain="home", fold=3))
    assert [one.state for one in trust_of(outputs(*judged(6, 4, sure=0.9)), home, CLASSES)] == [
        BEFORE
    ]


def test_domains_are_apart():
    one, other = judged(9, 1, sure=0.9, domain="home"), judged(5, 5, sure=0.9, domain="away")
    found = trust_of(outputs(one[0] + other[0], one[1] + other[1]), None, CLASSES)
    assert {item.domain: round(item.ece, 6) for item in found} == {"home": 0, "away": 0.4}


def test_the_numbers_hold_the_bins_with_their_answers():
    frame = trust_frame(trust_of(outputs(*judged(6, 4, sure=0.9)), None, CLASSES))
    bins = frame[frame["confidence"].notna()]
    assert bins[["judgements", "accuracy"]].to_numpy().tolist() == [[10, 0.6]]


def test_risk_falls_to_nothing_where_the_surest_are_right():
    rows, given = judged(5, 5, sure=0.6)
    given[:5] = [(0.9, 0.1)] * 5
    curve = coverage_of(outputs(rows, given))
    assert (curve.risk[4], curve.risk[9]) == (0, 0.5)


def test_the_view_draws_reliability_and_coverage(builder, monkeypatch):
    home = {"home": [[6, 0, 0], [4, 0, 0], [0, 0, 0]]}
    tables = builder().cell("erm", "away", 0, validation=home).build()
    rows, given = judged(6, 4, sure=0.9, domain="home")
    found = outputs(rows, [(*shares, 0.0) for shares in given])
    answering(monkeypatch, view, {("erm", "validation"): found})
    reliability, coverage = view.CALIBRATION.build(tables, Choice()).variants
    names = [trace.name for trace in reliability.draw().figure.data[1:]]
    assert [name.split(":")[0] for name in names] == [f"home, {BEFORE}", f"home, {AFTER}"]
    assert coverage.draw().figure.data[0].name.startswith("erm: area 0.4")
