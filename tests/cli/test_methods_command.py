"""`wbcray methods`: presets, parts, and names that are neither."""

import pytest

USAGE = 2


def test_everything_is_listed_with_its_formula_cost_and_marks(place):
    told = place.json("methods")
    parts = {(part["axis"], part["name"]): part for part in told["parts"]}
    adaptive = parts["normalization", "adaptive_batch"]
    assert adaptive["marks"] == ["test-time adaptation"]
    assert adaptive["formula"]
    assert adaptive["cost"]
    assert adaptive["differences"].startswith("Differs from Schneider et al.")


def test_the_list_in_words_marks_what_is_another_setting(place):
    (line,) = [
        line for line in place.call("methods").out.splitlines() if " adaptive_batch " in line
    ]
    assert "test-time adaptation" in line


def test_a_preset_is_described_by_its_parts_parameters_paper_and_note(place):
    said = place.call("methods", "boda_plus").out
    for words in (
        "finish.unit",
        "class_within_domain",
        "-log softmax(logits)[label]",
        "distances to all centroids",
        "paper: https://arxiv.org/abs/2203.09513",
        "differs from erm in: penalty=boda, finish=classifier_retraining",
        "penalty=boda: compares 2 or more source domains",
        "note: a reconstruction",
    ):
        assert words in said


def test_a_preset_in_json_has_its_parts_in_full(place):
    told = place.json("methods", "coral")
    assert told["name"] == "coral"
    assert ["penalty", "coral"] in told["parts"]
    active = {part["axis"]: part for part in told["active_parts"]}
    assert active["penalty"]["formula"].startswith("weight * mean over domain pairs [")
    assert [item["name"] for item in told["parameters"]] == ["penalty.weight"]


def test_a_part_is_found_by_its_bare_name(place):
    said = place.call("methods", "stain_augmentation")
    assert said.code == 0
    for words in (
        "colour=stain_augmentation: Stain augmentation",
        "formula: x' = b exp(background v)",
        "tellez2019quantifying in CITATION.bib",
        "differences: Differs from the paper",
        "largest change of the amount of stain",
    ):
        assert words in said.out


def test_a_preset_comes_before_the_part_of_the_same_name_and_names_it(place):
    assert "parts" in place.json("methods", "coral")
    assert "see also: wbcray methods penalty=coral" in place.call("methods", "coral").out
    part = place.json("methods", "penalty=coral")
    assert (part["axis"], part["name"]) == ("penalty", "coral")


def test_a_name_on_several_axes_is_answered_with_all_of_them(place):
    told = place.json("methods", "none")
    assert {"penalty", "mixing", "colour", "finish"} <= {part["axis"] for part in told["parts"]}
    assert "wbcray methods colour=none" in place.call("methods", "none").out


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("crtt", "'crt'"),
        ("stain_augmentatoin", "'stain_augmentation'"),
        ("penalty=corall", "'coral'"),
        ("penaltie=coral", "'penalty'"),
        ("colour=", "stain_augmentation"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_preset_part_or_axis(refused, name, near):
    assert near in refused("methods", name, code=USAGE)["fix"]
