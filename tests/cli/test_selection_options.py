"""`wbcray compare --selection`: an oracle has to be asked for twice."""

import pytest

USAGE, REFUSED = 2, 7
COMPARE = ("compare", "--methods", "erm", "--held-out", "west")


def test_an_oracle_without_its_flag_is_refused_and_explained(refused):
    found = refused(*COMPARE, "--selection", "oracle", code=REFUSED)
    assert "optimistic and no result" in found["what"]
    assert found["where"] == "--selection oracle"
    assert "--i-know-this-peeks" in found["fix"]


def test_the_flag_alone_is_a_mistake(refused):
    found = refused(*COMPARE, "--i-know-this-peeks", code=USAGE)
    assert found["where"] == "--i-know-this-peeks"
    assert "--selection oracle" in found["fix"]


def test_another_selection_does_not_exist(place):
    said = place.call(*COMPARE, "--selection", "best")
    assert said.code == USAGE
    assert "oracle" in said.err


@pytest.mark.parametrize(
    ("words", "selection"),
    [((), "validation"), (("--selection", "oracle", "--i-know-this-peeks"), "oracle")],
)
def test_a_dry_run_says_how_it_would_select_and_opens_nothing(place, words, selection):
    told = place.json(*COMPARE, *words, "--dry-run")
    assert told == {"cells": 2, "recorded": 0, "selection": selection, "to_open": 0}
    assert not (place.folder / "runs").exists()
