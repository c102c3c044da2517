"""Draw plans, against shares worked out by hand."""

from fractions import Fraction

import numpy as np
import pytest

from wbcray.methods.balancing import UNITS, balanced_probabilities, drawn_counts
from wbcray.methods.compose import default_composition, override
from wbcray.methods.method import build_sampler

# Domain 0: 9 images of class 0 and 1 of class 1; domain 1: 4 of class 0.
LABELS = np.array([0] * 9 + [1] + [0] * 4)
DOMAINS = np.array([0] * 10 + [1] * 4)


def plan(name: str, **values):
    changes = {"sampler": name} | {f"sampler.{key}": value for key, value in values.items()}
    return build_sampler(override(default_composition("erm"), changes)).plan(LABELS, DOMAINS)


def share(unit: str, exponent: float, members: np.ndarray) -> float:
    chances = balanced_probabilities(LABELS, DOMAINS, exponent=exponent, unit=unit)
    return float(chances[members].sum())


RARE = LABELS == 1
IN_DOMAIN_1 = DOMAINS == 1


@pytest.mark.parametrize(
    ("unit", "exponent", "expected"),
    [
        ("class", 0.0, Fraction(1, 14)),
        ("class", 1.0, Fraction(1, 2)),
        ("class_within_domain", 0.0, Fraction(1, 20)),
        ("class_within_domain", 0.5, Fraction(1, 8)),  # half of 1 / (3 + 1)
        ("class_within_domain", 1.0, Fraction(1, 4)),
        ("domain_class_pair", 0.0, Fraction(1, 14)),
        ("domain_class_pair", 0.5, Fraction(1, 6)),  # 1 / (3 + 1 + 2)
        ("domain_class_pair", 1.0, Fraction(1, 3)),
    ],
)
def test_the_rare_class_has_the_share_of_its_unit(unit, exponent, expected) -> None:
    assert share(unit, exponent, RARE) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("class", Fraction(2, 13)),  # 4 of the 13 images of class 0, which has one half
        ("class_within_domain", Fraction(1, 2)),
        ("domain_class_pair", Fraction(1, 3)),
    ],
)
def test_the_small_domain_has_the_share_that_the_unit_gives(unit, expected) -> None:
    assert share(unit, 1.0, IN_DOMAIN_1) == pytest.approx(float(expected))


@pytest.mark.parametrize("unit", UNITS)
def test_images_of_one_unit_are_equal(unit: str) -> None:
    chances = balanced_probabilities(LABELS, DOMAINS, exponent=0.7, unit=unit)
    assert np.ptp(chances[:9]) == 0.0


def test_two_sources_with_13_and_10_classes_balance_as_the_reference_does() -> None:
    labels, domains = np.array([*range(13), *range(10)]), np.array([0] * 13 + [1] * 10)
    chances = balanced_probabilities(labels, domains, exponent=1.0, unit="class_within_domain")
    by_class = np.bincount(labels, weights=chances)
    assert by_class[12] == pytest.approx(1 / 26)
    assert by_class[0] == pytest.approx(1 / 26 + 1 / 20)


def test_instance_draws_every_image_once() -> None:
    found = plan("instance")
    assert found.probabilities is None
    assert found.strata is None


def test_domain_makes_the_domains_strata_and_no_more() -> None:
    found = plan("domain")
    assert found.probabilities is None
    assert np.array_equal(found.strata, DOMAINS)


@pytest.mark.parametrize(
    ("unit", "stratified"),
    [("class", False), ("class_within_domain", True), ("domain_class_pair", False)],
)
def test_only_balance_within_domains_makes_them_strata(unit, stratified) -> None:
    assert (plan("balanced", unit=unit).strata is not None) is stratified


def test_class_balanced_is_balanced_with_its_values_fixed() -> None:
    other = plan("balanced", unit="class", exponent=1.0)
    assert np.array_equal(plan("class_balanced").probabilities, other.probabilities)


def test_square_root_gives_classes_the_square_root_of_their_images() -> None:
    # 13 images of class 0 and 1 of class 1.
    chances = plan("square_root").probabilities
    assert chances[RARE].sum() == pytest.approx(1 / (1 + 13**0.5))
    assert plan("square_root").strata is None


def test_class_within_domain_balances_the_classes_of_each_stratum() -> None:
    found = plan("class_within_domain")
    assert found.probabilities[RARE].sum() == pytest.approx(1 / 4)
    assert found.probabilities[IN_DOMAIN_1].sum() == pytest.approx(1 / 2)
    assert np.array_equal(found.strata, DOMAINS)


def test_domain_class_pair_draws_every_pair_equally_often() -> None:
    found = plan("domain_class_pair")
    by_pair = np.bincount(2 * DOMAINS + LABELS, weights=found.probabilities)
    assert by_pair == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert found.strata is None


def test_drawn_counts_are_those_of_an_epoch_on_average() -> None:
    # equal shares: 7 draws from each domain, of which 9 of 10 and 4 of 4 are class 0
    assert drawn_counts(plan("domain"), LABELS, classes=3).tolist() == pytest.approx([13.3, 0.7, 0])


def test_drawn_counts_of_single_draws_are_the_counts() -> None:
    assert drawn_counts(plan("instance"), LABELS, classes=2).tolist() == pytest.approx([13, 1])


def test_drawn_counts_of_balanced_classes_are_equal() -> None:
    assert drawn_counts(plan("class_balanced"), LABELS, classes=2).tolist() == pytest.approx([7, 7])
