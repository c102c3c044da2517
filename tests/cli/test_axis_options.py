"""A part of a method named by an option of its axis."""

import inspect

import pytest

from wbcray.cli.train import train
from wbcray.cli.tune import tune
from wbcray.core.config import AXES

TRAIN = ("train", "--method", "erm", "--held-out", "west", "--dry-run")
TUNE = ("tune", "--method", "erm", "--held-out", "west", "--dry-run")


@pytest.mark.parametrize("command", [train, tune])
def test_every_axis_is_an_option(command):
    assert set(AXES) <= set(inspect.signature(command).parameters)


def test_an_axis_option_changes_the_part_and_its_values_may_be_set_beside_it(place):
    options = (
        "--colour",
        "stain_augmentation",
        "--set",
        "colour.gain=0.7",
        "--sampler",
        "balanced",
    )
    method = place.json(*TRAIN, *options)["config"]["method"]
    assert method["colour"]["name"] == "stain_augmentation"
    assert method["colour"]["params"]["gain"] == 0.7
    assert method["sampler"]["name"] == "balanced"
    assert method["penalty"]["name"] == "none"


def test_an_axis_option_is_the_same_as_set(place):
    by_option = place.json(*TRAIN, "--penalty", "coral", "--finish", "classifier_retraining")
    by_set = place.json(*TRAIN, "--set", "penalty=coral", "--set", "finish=classifier_retraining")
    assert by_option == by_set


def test_a_search_holds_what_an_axis_option_names(place):
    def searched(*options):
        (space,) = place.json(*TUNE, *options)["spaces"].values()
        return {item["name"] for item in space["dimensions"]}

    assert searched() - searched("--sampler", "balanced") == {"sampler"}
    assert searched() - searched("--sampler", "domain") == {
        "sampler",
        "sampler.exponent",
        "sampler.unit",
    }


@pytest.mark.parametrize("command", [TRAIN, TUNE])
def test_an_unknown_part_is_answered_with_the_nearest(place, command):
    outcome = place.call(*command, "--colour", "stain_augmentatoin")
    assert outcome.code == 2
    assert "stain_augmentation" in outcome.err


@pytest.mark.parametrize("command", [TRAIN, TUNE])
def test_an_axis_that_is_named_twice_is_refused(place, command):
    outcome = place.call(*command, "--domain-risk", "mean", "--set", "domain_risk=mean")
    assert outcome.code == 2
    assert "domain_risk is given twice" in outcome.err


def test_a_held_part_makes_a_method_of_its_own_name(place):
    spaces = place.json(*TUNE, "--penalty", "coral", "--set", "penalty.weight=0.5")["spaces"]
    assert set(spaces) == {"erm+coral"}
    config = place.json(*TRAIN, "--penalty", "coral", "--set", "penalty.weight=0.5")["config"]
    assert config["method"]["name"] == "erm+coral"
    assert config["method"]["penalty"]["params"]["weight"] == 0.5


def test_a_part_that_the_method_has_anyway_leaves_its_name(place):
    config = place.json(*TRAIN, "--penalty", "none")["config"]
    assert config["method"]["name"] == "erm"
