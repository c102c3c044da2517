from dataclasses import dataclass

import pytest

from wbcray.core.errors import UsageError
from wbcray.core.hyper import NoParams, choice, declared, hyper, parse_params


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    weight: float = hyper(1.0, 0.0, 10.0, help="weight of the penalty")
    layers: int = hyper(2, 1, 4, help="layers of the discriminator")
    kernel: str = choice("gauss", ("gauss", "linear"), help="kernel")


def refusal(**values):
    with pytest.raises(UsageError) as caught:
        parse_params(Params, values, where="--set", prefix="penalty.")
    return caught.value


def test_a_declaration_knows_default_range_and_meaning():
    weight = declared(Params, prefix="penalty.")[0]
    assert (weight.name, weight.kind, weight.default) == ("penalty.weight", "float", 1.0)
    assert (weight.low, weight.high, weight.help) == (0.0, 10.0, "weight of the penalty")


def test_a_range_reads_like_a_sentence():
    assert [item.describe_range() for item in declared(Params)] == [
        "0 .. 10",
        "1 .. 4",
        "gauss | linear",
    ]


def test_a_log_range_says_so():
    @dataclass(frozen=True)
    class Logarithmic:
        lr: float = hyper(0.1, 1e-3, 1.0, log=True, help="rate")

    assert declared(Logarithmic)[0].describe_range() == "0.001 .. 1 (log)"


def test_no_values_give_the_defaults():
    assert parse_params(Params, {}) == Params()


def test_a_whole_number_becomes_a_float_where_one_is_declared():
    weight = parse_params(Params, {"weight": 3}).weight
    assert (weight, type(weight)) == (3.0, float)


def test_a_whole_float_becomes_an_int_where_one_is_declared():
    layers = parse_params(Params, {"layers": 3.0}).layers
    assert (layers, type(layers)) == (3, int)


@pytest.mark.parametrize("end", [0, 10])
def test_both_ends_of_a_range_are_legal(end):
    assert parse_params(Params, {"weight": end}).weight == end


@pytest.mark.parametrize("value", [-0.001, 10.001, 1e300, 10**400, -(10**400)])
def test_a_value_outside_the_range_is_refused_with_the_range(value):
    error = refusal(weight=value)
    assert error.what.startswith("penalty.weight=")
    assert "0 .. 10" in error.fix


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "abc", None, True, [1]])
def test_what_is_no_number_is_refused(value):
    assert "penalty.weight" in refusal(weight=value).what


@pytest.mark.parametrize("value", [1.5, float("inf"), float("nan")])
def test_what_is_no_whole_number_is_refused(value):
    assert "whole number" in refusal(layers=value).what


def test_a_value_that_is_no_choice_is_answered_with_the_nearest():
    assert "did you mean 'gauss'" in refusal(kernel="gaus").fix


def test_a_misspelt_name_is_answered_with_the_nearest():
    error = refusal(wieght=1.0)
    assert error.what == "unknown hyper-parameter 'penalty.wieght'"
    assert "did you mean 'penalty.weight'" in error.fix
    assert error.where == "--set"


def test_true_is_not_the_choice_one():
    @dataclass(frozen=True)
    class Numbers:
        power: int = choice(1, (1, 2), help="power")

    with pytest.raises(UsageError):
        parse_params(Numbers, {"power": True})


def test_a_default_outside_its_range_is_a_bug():
    with pytest.raises(ValueError, match="outside"):
        hyper(11.0, 0.0, 10.0, help="")


def test_a_log_range_from_zero_is_a_bug():
    with pytest.raises(ValueError, match="log"):
        hyper(1.0, 0.0, 10.0, log=True, help="")


def test_a_default_that_is_no_choice_is_a_bug():
    with pytest.raises(ValueError, match="among"):
        choice("a", ("b",), help="")


def test_a_field_without_declaration_is_a_bug():
    @dataclass(frozen=True)
    class Forgotten:
        weight: float = 1.0

    with pytest.raises(TypeError, match=r"Forgotten\.weight"):
        declared(Forgotten)


def test_a_part_without_parameters_declares_none():
    assert declared(NoParams) == ()
