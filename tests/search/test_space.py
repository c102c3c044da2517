import pytest

from wbcray.search.space import (
    Dimension,
    SearchSettings,
    SearchSpace,
    default_params,
    examples,
    fixing,
)

LR = Dimension(name="optimizer.lr", kind="float", default=1e-3, low=1e-4, high=1e-2, log=True)
SAMPLER = Dimension(name="sampler", kind="choice", default="domain", choices=("domain", "balanced"))
EXPONENT = Dimension(
    name="sampler.exponent",
    kind="float",
    default=1.0,
    low=0.0,
    high=1.0,
    when=(("sampler", ("balanced",)),),
)
UNIT = Dimension(
    name="sampler.unit",
    kind="choice",
    default="class",
    choices=("class", "pair"),
    when=(("sampler", ("balanced",)),),
)
CAP = Dimension(
    name="sampler.cap", kind="int", default=3, low=1, high=5, when=(("sampler.unit", ("pair",)),)
)
SPACE = SearchSpace(
    method="boda", dimensions=(LR, SAMPLER, EXPONENT, UNIT, CAP), settings=SearchSettings()
)


def test_trial_0_takes_the_defaults():
    assert default_params(SPACE, {"optimizer.lr": 5e-3, "sampler": "domain"}) == {
        "optimizer.lr": 5e-3,
        "sampler": "domain",
    }


def test_trial_0_is_clipped_into_the_searched_range():
    assert default_params(SPACE, {"optimizer.lr": 1.0})["optimizer.lr"] == 1e-2


def test_trial_0_fills_what_the_defaults_do_not_know():
    assert default_params(SPACE, {"sampler": "balanced"}) == {
        "optimizer.lr": 1e-3,
        "sampler": "balanced",
        "sampler.exponent": 1.0,
        "sampler.unit": "class",
    }


def test_a_default_part_that_is_not_searched_gives_way():
    assert default_params(SPACE, {"sampler": "instance"})["sampler"] == "domain"


@pytest.mark.parametrize(
    ("value", "nearest"), [(0.0, 0.0), (0.34, 0.3), (0.29999999999999999, 0.3), (7, 1.0), (-1, 0.0)]
)
def test_a_value_is_clipped_to_the_nearest_step(value, nearest):
    dropout = Dimension(name="d", kind="float", default=0.0, low=0.0, high=1.0, step=0.1)
    assert dropout.clip(value) == nearest


def test_a_whole_number_stays_whole():
    batch = Dimension(name="b", kind="int", default=8, low=8, high=64, step=8)
    assert repr(batch.clip(21)) == "24"


def test_one_is_not_taken_for_true():
    flag = Dimension(name="f", kind="choice", default=False, choices=(True, False))
    assert flag.clip(1) is False


def test_holding_a_part_settles_its_conditions():
    held = fixing(SPACE, {"sampler": "balanced"})
    assert held.names == ("optimizer.lr", "sampler.exponent", "sampler.unit", "sampler.cap")
    assert held.dimensions[1].when == ()
    assert held.dimensions[3].when == (("sampler.unit", ("pair",)),)


def test_holding_another_part_drops_what_hangs_on_it():
    assert fixing(SPACE, {"sampler": "domain"}).names == ("optimizer.lr",)


def test_the_digest_changes_when_a_part_is_held():
    assert fixing(SPACE, {"sampler": "domain"}).digest != SPACE.digest


def test_examples_take_every_choice_and_both_ends():
    seen = {(name, value) for example in examples(SPACE) for name, value in example.items()}
    assert seen == {
        ("optimizer.lr", 1e-4),
        ("optimizer.lr", 1e-3),
        ("optimizer.lr", 1e-2),
        ("sampler", "domain"),
        ("sampler", "balanced"),
        ("sampler.exponent", 0.0),
        ("sampler.exponent", 1.0),
        ("sampler.unit", "class"),
        ("sampler.unit", "pair"),
        ("sampler.cap", 1),
        ("sampler.cap", 3),
        ("sampler.cap", 5),
    }


def test_an_example_holds_only_what_its_conditions_allow():
    assert all(
        ("sampler.cap" in example) == (example.get("sampler.unit") == "pair")
        for example in examples(SPACE)
    )
